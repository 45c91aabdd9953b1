"""Puts errors into a correct sentence, and gives the edits that undo them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

from gaprelm.characters import is_han
from gaprelm.edits.alignment import LONGEST_ALIGNED, align
from gaprelm.edits.edit import Edit
from gaprelm.noise import settings as names
from gaprelm.noise.kinds import BESIDE, FREE, MARK, NEVER, TAKEN, Change
from gaprelm.noise.plan import Plan
from gaprelm.noise.protection import Protection
from gaprelm.noise.punctuation import MARKS

# How many kinds are drawn for an error at most: another is drawn when one finds no place in the sentence.
_REDRAWS = 16
# The same for an error that is to touch another; then it is drawn as all others.
_TOUCHING_REDRAWS = 4
# Kinds that change punctuation; all others change Chinese characters.
_ON_MARKS = frozenset((*names.PUNCTUATION_KINDS, names.PUNCTUATION))


class Corruption(NamedTuple):
    """A sentence with errors.

    source: the sentence with its errors.
    edits: the gold edits, those of ``align``: applied to ``source`` they give the correct sentence.
    kinds: the kind of each error, in the order of the sentence. An error of several characters (a run, word, swapped)
        has an edit for each of them; errors that touch may share an edit.
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
        self._state_of = _Remembered(_state_of)

    def corrupt(self, sentence: str, key: str) -> Corruption:
        """``sentence`` with errors. ``key`` names the draw, for example split, epoch and index."""
        errors = self.errors(sentence, key)
        changes = [change for change, _ in errors]
        source = _with_errors(sentence, changes)
        if source == sentence:
            return Corruption(sentence, [], [])
        return Corruption(source, _gold_edits(source, sentence, changes), [kind for _, kind in errors])

    def errors(self, sentence: str, key: str) -> list[tuple[Change, str]]:
        """The errors that ``sentence`` gets, in its order, each with its kind. They do not overlap."""
        draw = Random(f"{self._seed}/{key}").random
        if draw() < self._clean_share:
            return []
        plan = self._plans[bisect(self._sums, draw() * self._sums[-1], hi=len(self._sums) - 1)]
        states = self._states(sentence)
        number = states.count(FREE)
        if not number:
            return []
        errors: list[tuple[Change, str]] = []
        for count in range(plan.numbers.draw(number, draw())):
            touching = count > 0 and plan.touching > 0 and draw() < plan.touching
            found = _touching_error(draw, plan, sentence, states, errors) if touching else None
            found = found or _error(draw, plan, sentence, states)
            if found is None:
                break
            errors.append(found)
            _take(states, found[0])
        return sorted(errors)

    def _states(self, sentence: str) -> list[int]:
        """The state of every place, with one more after the last character."""
        known = self._state_of
        states = [known[character] for character in sentence]
        for start, end in self._protection.spans(sentence):
            states[start:end] = [NEVER] * (end - start)
        states.append(NEVER)
        return states


def _state_of(character: str) -> int:
    return FREE if is_han(character) else MARK if character in MARKS else NEVER


def _take(states: list[int], change: Change) -> None:
    """Mark the places of an error, and those beside it: errors that touch by chance would merge into other kinds."""
    for place in range(max(0, change.start - 1), min(change.end + 1, len(states))):
        inside = change.start <= place < change.end
        if states[place] == MARK:
            states[place] = NEVER
        elif states[place] != NEVER:
            states[place] = TAKEN if inside else min(states[place], BESIDE)


def _error(draw: Callable[[], float], plan: Plan, sentence: str, states: Sequence[int]) -> tuple[Change, str] | None:
    """A change and its kind: the kind is drawn first, then places until one admits it."""
    impossible: set[str] = set()
    for _ in range(_REDRAWS):
        name = plan.kind(draw())
        plan.drawn[name] += 1
        if name in impossible:
            continue
        kind, wanted = plan.kinds[name], MARK if name in _ON_MARKS else FREE
        places = [place for place, state in enumerate(states) if state == wanted]
        for place in plan.order(draw, name, sentence, places):
            change = kind(draw, sentence, place, states)
            if change is not None:
                plan.placed[name] += 1
                return change, name
        impossible.add(name)
    return None


def _touching_error(
    draw: Callable[[], float], plan: Plan, sentence: str, states: Sequence[int], errors: Sequence[tuple[Change, str]]
) -> tuple[Change, str] | None:
    """An error in Chinese characters that touches an earlier one; None if none of the kinds drawn can be made there."""
    places = [place for place, state in enumerate(states) if state == BESIDE]
    opened = [FREE if state == BESIDE else state for state in states]
    for _ in range(_TOUCHING_REDRAWS):
        name = plan.kind(draw())
        plan.drawn[name] += 1
        for place in plan.order(draw, name, sentence, () if name in _ON_MARKS else places):
            change = plan.kinds[name](draw, sentence, place, opened)
            if change is not None and _fits(change, name, errors):
                plan.placed[name] += 1
                return change, name
    return None


def _fits(change: Change, name: str, errors: Sequence[tuple[Change, str]]) -> bool:
    """Whether a change touches an earlier error, and neither overlaps nor merges with one into another kind."""
    touches = False
    for other, kind in errors:
        if other.start < change.end and change.start < other.end:
            return False
        if change.start == other.end or change.end == other.start:
            touches = True
            if _merge(names.TYPE_OF_KIND.get(name, name), names.TYPE_OF_KIND.get(kind, kind)):
                return False
    return touches


def _merge(first: str, second: str) -> bool:
    """Whether two errors of these types that touch look like one: a longer run, or a wrong character."""
    return first == second or {first, second} == {names.MISSING, names.REDUNDANT}


class _Remembered(dict):
    """A cache for a function of a character that is called again and again."""

    def __init__(self, function: Callable[[str], int]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, character: str) -> int:
        return self.setdefault(character, self._function(character))


def _with_errors(sentence: str, changes: Sequence[Change]) -> str:
    pieces, done = [], 0
    for change in changes:
        pieces += (sentence[done : change.start], change.text)
        done = change.end
    return "".join((*pieces, sentence[done:]))


def _gold_edits(source: str, sentence: str, changes: Sequence[Change]) -> list[Edit]:
    """The aligner's edits. A text that is too long to be aligned is cut halfway between errors."""
    if len(source) <= LONGEST_ALIGNED and len(sentence) <= LONGEST_ALIGNED:
        return align(source, sentence)
    edits: list[Edit] = []
    start = shift = 0
    cuts = [(first.end + second.start) // 2 for first, second in pairwise(changes)]
    for change, end in zip(changes, [*cuts, len(sentence)], strict=True):
        begin = start + shift
        shift += len(change.text) - (change.end - change.start)
        pieces = align(source[begin : end + shift], sentence[start:end])
        edits += [Edit(edit.start + begin, edit.end + begin, edit.text) for edit in pieces]
        start = end
    return edits
