"""The user's own tables: which words are always replaced, and which replacements are never made."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache

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
            edits = [Edit(start + s, start + e, new) for s, e, new in align(word, self._targets[word])]
            close_span(closed, start, end)
            for edit in edits:
                closed[slot_of(edit)] = 1
            found += [ProposedEdit(edit, 1.0) for edit in edits]
        return found


class NeverTable:
    """Pairs (A, B): A never becomes B. An empty A stands for an insertion, an empty B for a deletion."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = set(pairs)
        self._targets: dict[str, set[str]] = {}
        for wrong, right in pairs:
            self._targets.setdefault(wrong, set()).add(right)
        self._terms = terms(tuple(wrong for wrong in self._targets if wrong))

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
        starts = [p.edit.start for p in proposals]
        for start, end, word in self._terms.find(text):
            near = proposals[bisect_left(starts, start) : bisect_right(starts, end)]
            inside = [p.edit for p in near if p.edit.end <= end]
            for group in [[edit] for edit in inside] if alone else _with_and_without_borders(inside, start, end):
                moved = [Edit(s - start, e - start, new) for s, e, new in group]
                if apply_edits(word, moved) in self._targets[word]:
                    banned.update(group)
        return [p for p in proposals if p.edit not in banned]


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
