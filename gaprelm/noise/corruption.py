"""Puts errors into a correct sentence, and gives the edits that undo them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

from gaprelm.characters import is_han
from gaprelm.edits.edit import Edit
from gaprelm.noise.kinds import FREE, NEVER, TAKEN, Change
from gaprelm.noise.plan import Plan
from gaprelm.noise.protection import Protection

# How many kinds are drawn for an error at most: another is drawn when one finds no place in the sentence.
_REDRAWS = 16


class Corruption(NamedTuple):
    """A sentence with errors.

    source: the sentence with its errors.
    edits: the gold edits, atomic and in ascending order: applied to ``source`` they give the correct sentence.
    kinds: the kind of each error, in the order of the sentence. An error that changes several characters (word,
        swapped) has an edit for each of them; errors with characters missing in the same gap share one edit.
    """

    source: str
    edits: list[Edit]
    kinds: list[str]


class Corruptor:
    """Generates errors. Equal keys give equal errors, in every process and whatever was generated before.

    Args:
        plans: ways to make errors, and the share of the sentences with errors that each gets; together 1.
        clean_share: share of sentences that stay as they are.
        protection: finds the spans that are never touched.
        seed: different seeds give different errors.
    """

    def __init__(
        self, plans: Sequence[tuple[Plan, float]], clean_share: float, protection: Protection, seed: int
    ) -> None:
        self._plans = [plan for plan, _ in plans]
        self._sums = list(accumulate(share for _, share in plans))
        self._clean_share, self._protection, self._seed = clean_share, protection, seed
        self._is_han = _Remembered(is_han)

    def corrupt(self, sentence: str, key: str) -> Corruption:
        """``sentence`` with errors. ``key`` names the draw, for example split, epoch and index."""
        draw = Random(f"{self._seed}/{key}").random
        if draw() < self._clean_share:
            return Corruption(sentence, [], [])
        plan = self._plans[bisect(self._sums, draw() * self._sums[-1], hi=len(self._sums) - 1)]
        places, states = self._places(sentence)
        if not places:
            return Corruption(sentence, [], [])
        changes: list[tuple[Change, str]] = []
        for _ in range(plan.numbers.draw(len(places), draw())):
            found = _error(draw, plan, sentence, places, states)
            if found is None:
                break
            changes.append(found)
            # Errors that touch each other would merge into one of another kind.
            change, _ = found
            for place in range(max(0, change.start - 1), min(change.end + 1, len(sentence))):
                states[place] = min(states[place], TAKEN)
        changes.sort()
        source, edits = _with_errors(sentence, [change for change, _ in changes])
        if source == sentence:
            return Corruption(sentence, [], [])
        return Corruption(source, edits, [kind for _, kind in changes])

    def _places(self, sentence: str) -> tuple[list[int], list[int]]:
        """The places that errors may change, and the state of every place, with one more after the last character."""
        known = self._is_han
        states = [FREE if known[character] else NEVER for character in sentence]
        for start, end in self._protection.spans(sentence):
            states[start:end] = [NEVER] * (end - start)
        states.append(NEVER)
        return [place for place, state in enumerate(states) if state], states


def _error(
    draw: Callable[[], float], plan: Plan, sentence: str, places: Sequence[int], states: Sequence[int]
) -> tuple[Change, str] | None:
    """A change and its kind: the kind is drawn first, then places until one admits it."""
    impossible: set[str] = set()
    for _ in range(_REDRAWS):
        name = plan.kind(draw())
        plan.drawn[name] += 1
        if name in impossible:
            continue
        kind = plan.kinds[name]
        for place in plan.order(draw, name, sentence, places):
            if states[place] == FREE:
                change = kind(draw, sentence, place, states)
                if change is not None:
                    plan.placed[name] += 1
                    return change, name
        impossible.add(name)
    return None


class _Remembered(dict):
    """A cache for a function of a character that is called again and again."""

    def __init__(self, function: Callable[[str], bool]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, character: str) -> bool:
        return self.setdefault(character, self._function(character))


def _with_errors(sentence: str, changes: Sequence[Change]) -> tuple[str, list[Edit]]:
    """The sentence with the changes made, and the edits that undo them."""
    pieces, done = [], 0
    for change in changes:
        pieces += (sentence[done : change.start], change.text)
        done = change.end
    pieces.append(sentence[done:])
    source = "".join(pieces)
    edits: list[Edit] = []
    shift = 0
    for number, change in enumerate(changes):
        start, text = change.start + shift, sentence[change.start : change.end]
        shift += len(change.text) - len(text)
        if len(text) == len(change.text):
            differing = (i for i, (old, new) in enumerate(zip(change.text, text, strict=True)) if old != new)
            edits += [Edit(start + i, start + i + 1, text[i]) for i in differing]
            continue
        limit = changes[number + 1].start + shift if number + 1 < len(changes) else len(source)
        edit = _latest(source, start, text or change.text, limit, insert=bool(text))
        if edits and edits[-1].start == edits[-1].end == edit.start == edit.end:
            # The earlier insertion has moved up to this one's gap.
            edit = edit._replace(text=edits.pop().text + edit.text)
        edits.append(edit)
    return source, edits


def _latest(source: str, start: int, text: str, limit: int, insert: bool) -> Edit:
    """The edit that inserts or deletes a character, at the last of the places where it gives the same sentence.

    The aligner does the same: of a repeated character it takes the later one for the edit.
    """
    end = start + (not insert)
    while end < limit and source[end] == text:
        start, end = start + 1, end + 1
    return Edit(start, end, text if insert else "")
