"""The user's own tables: which words are always replaced, and which replacements are never made."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from gaprelm.correction.control.slots import close_span, slot_of
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.terms import terms

Pairs = tuple[tuple[str, str], ...]


class AlwaysTable:
    """Pairs (A, B): every A becomes B."""

    def __init__(self, pairs: Pairs) -> None:
        self._targets = dict(pairs)
        self._right = {right for wrong, right in pairs if wrong in right and right not in self._targets}
        self._terms = terms((*self._targets, *sorted(self._right)), longest=True)
        self._edits: dict[str, list[Edit]] = {}

    def edits(self, text: str, closed: bytearray) -> list[ProposedEdit]:
        """The edits that make B of each A, with confidence 1. The slots of each A, and of its edits, are closed.

        Of matches that overlap, the leftmost counts, and of several that begin there the longest. Where B holds A, an
        A that is part of a B stays (in 帐户, where 帐 is to become 帐户). An A that touches a closed slot stays, too.

        Args:
            text: of any length.
            closed: a flag for each slot of ``text``; changed in place.
        """
        found = []
        for start, end, word in self._terms.find(text):
            if word in self._right or any(closed[2 * start + 1 : 2 * end]):
                continue
            edits = [_moved(edit, start) for edit in self._aligned(word)]
            close_span(closed, start, end)
            for edit in edits:
                closed[slot_of(edit)] = 1
            found += [ProposedEdit(edit, 1.0) for edit in edits]
        return found

    def _aligned(self, word: str) -> list[Edit]:
        """The edits that make B of an A. They are found once, because a word may stand at thousands of places."""
        if word not in self._edits:
            self._edits[word] = align(word, self._targets[word])
        return self._edits[word]


class NeverTable:
    """Pairs (A, B): A never becomes B. An empty A stands for an insertion, an empty B for a deletion."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = set(pairs)
        self._targets: dict[str, set[str]] = {}
        for wrong, right in pairs:
            self._targets.setdefault(wrong, set()).add(right)
        self._terms = terms(tuple(wrong for wrong in self._targets if wrong))
        self._edits: dict[str, set[Edit]] = {}

    def without(self, text: str, proposals: Sequence[ProposedEdit], alone: bool) -> list[ProposedEdit]:
        """The proposals without those that make B of an A.

        Args:
            text: the text that the proposals change.
            proposals: in ascending order.
            alone: whether each proposal is judged by what it makes by itself, or by what all of them make together.
        """
        if not proposals:
            return []
        banned = {p.edit for p in proposals if (text[p.edit.start : p.edit.end], p.edit.text) in self._pairs}
        edits, starts = [p.edit for p in proposals], [p.edit.start for p in proposals]
        made = set(edits)
        changed = None if alone else _Changed(text, edits)
        for start, end, word in self._terms.find(text):
            first, last = bisect_left(starts, start), bisect_right(starts, end)
            # Words that hold each other match often, so only a match that may count is looked at closely.
            if first == last or not (changed is None or changed.may_become(start, end, self._targets[word])):
                continue
            if alone:
                banned.update(self._edits_that_make(word, start, edits[first:last], made))
            else:
                inside = [edit for edit in edits[first:last] if edit.end <= end]
                banned.update(edit for group in self._groups_that_make(word, inside, start, end) for edit in group)
        return [p for p in proposals if p.edit not in banned]

    def _edits_that_make(self, word: str, start: int, near: list[Edit], made: set[Edit]) -> Iterable[Edit]:
        """Those of the edits ``made`` that alone make of the word at ``start`` what it must not become."""
        if word not in self._edits:
            self._edits[word] = {edit for target in self._targets[word] for edit in _atomic_edits(word, target)}
        making = self._edits[word]
        if len(making) < len(near):
            return made.intersection(_moved(edit, start) for edit in making)
        return (edit for edit in near if _moved(edit, -start) in making)

    def _groups_that_make(self, word: str, inside: list[Edit], start: int, end: int) -> Iterator[list[Edit]]:
        for group in _with_and_without_borders(inside, start, end):
            if apply_edits(word, [_moved(edit, -start) for edit in group]) in self._targets[word]:
                yield group


class _Changed:
    """A text after edits; any span of the source can be looked up in it, at a cost that does not grow with the edits.

    Args:
        text: the source.
        edits: in ascending order.
    """

    def __init__(self, text: str, edits: Sequence[Edit]) -> None:
        inserted, grown = [0] * (len(text) + 1), [0] * (len(text) + 1)
        for edit in edits:
            growth = len(edit.text) - (edit.end - edit.start)
            (inserted if edit.start == edit.end else grown)[edit.end] += growth
        self._text = apply_edits(text, edits)
        # Where each gap of the source begins and ends in the changed text. What is inserted there stands between.
        self._ends = [at + shift for at, shift in enumerate(accumulate(map(sum, zip(inserted, grown, strict=True))))]
        self._begins = [end - length for end, length in zip(self._ends, inserted, strict=True)]

    def may_become(self, start: int, end: int, targets: Collection[str]) -> bool:
        """Whether a span becomes one of ``targets``, with or without what is inserted at its start and its end."""
        starts, ends = {self._begins[start], self._ends[start]}, {self._begins[end], self._ends[end]}
        return any(self._text[a:b] in targets for a in starts for b in ends)


def _atomic_edits(word: str, target: str) -> Iterator[Edit]:
    """All edits of at most one character of ``word`` that make ``target`` of it."""
    same_start, same_end = _common_start(word, target), _common_start(word[::-1], target[::-1])
    for width in (0, 1):
        length = len(target) - len(word) + width
        if length < 0 or (width, length) == (0, 0):
            continue
        for start in range(max(len(word) - same_end - width, 0), min(same_start, len(word) - width) + 1):
            yield Edit(start, start + width, target[start : start + length])


def _common_start(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.text)


@lru_cache(maxsize=4)
def always_table(pairs: Pairs) -> AlwaysTable:
    """An ``AlwaysTable``; the last few are kept, so that equal pairs are not prepared again."""
    return AlwaysTable(pairs)


@lru_cache(maxsize=4)
def never_table(pairs: Pairs) -> NeverTable:
    """A ``NeverTable``; the last few are kept, so that equal pairs are not prepared again."""
    return NeverTable(pairs)


def _with_and_without_borders(edits: list[Edit], start: int, end: int) -> list[list[Edit]]:
    """The edits of a span with and without insertions at its start and its end, which may belong to the word or not."""
    groups = []
    for before in (True, False):
        for after in (True, False):
            kept = [e for e in edits if e.start < e.end or ((before or e.start > start) and (after or e.start < end))]
            if kept and kept not in groups:
                groups.append(kept)
    return groups
