"""Alignment of a source and a target sentence: the edits that turn one into the other.

The same pair gives the same edits on every machine. The rules, strongest first:

1. As few edited characters as possible (Levenshtein distance: replace, insert and delete cost 1 each).
2. Two exchanged neighbours are two replacements.
3. Characters that sound alike are paired (``similarity.dissimilarity``). A deletion and an insertion that keep a
   character between them are preferred to two replacements of unlike characters, but not if one of the two pairs sounds
   alike.
4. Equal characters are matched as early as possible, so of a repeated character the later one is the edit.

Rules 3 and 4 choose among the shortest alignments within a block. The texts are cut into blocks in the middle of each
run of at least ``_ANCHOR`` equal characters on rapidfuzz's shortest path. This makes the alignment fast, and never
changes the number of edits.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

from rapidfuzz.distance import Levenshtein

from gaprelm.edits.edit import Edit
from gaprelm.edits.similarity import dissimilarity

# The cost of an edited character. It outweighs the sum of all dissimilarities in a sentence, which are added to it:
# twice ``dissimilarity`` for a replacement (0, 2 or 4), 3 for an insertion or a deletion, 0 for an exchange.
_EDIT = 1 << 24
_GAP_COST = _EDIT + 3
_INFINITE = 1 << 60
_ANCHOR = 3
# Time and memory grow with the square of the length. Longer texts are not sentences, and do not fit any model.
LONGEST_ALIGNED = 4096


def align(source: str, target: str) -> list[Edit]:
    """The atomic edits from ``source`` to ``target``, in ascending order; none if the texts are equal.

    Characters are Unicode code points. ``apply_edits(source, align(source, target)) == target`` always holds.
    """
    if source == target:
        return []
    if len(source) == len(target):
        places = [i for i, (a, b) in enumerate(zip(source, target, strict=True)) if a != b]
        # The usual case of spelling data: single characters are replaced, and no alignment is shorter.
        apart = all(b - a > 1 for a, b in pairwise(places))
        if apart and Levenshtein.distance(source, target, score_cutoff=len(places) - 1) >= len(places):
            return [Edit(i, i + 1, target[i]) for i in places]
    edits: list[Edit] = []
    for start, end, new_start, new_end in _blocks(source, target):
        edits += _align_block(source[start:end], target[new_start:new_end], start)
    return _merge_insertions(edits)


def _blocks(source: str, target: str) -> list[tuple[int, int, int, int]]:
    """Cut both texts in the middle of each long run of equal characters; blocks as (start, end) of both."""
    blocks, start, new_start = [], 0, 0
    # Plain tuples, though the annotation of rapidfuzz says Opcode.
    opcodes = cast("list[tuple[str, int, int, int, int]]", Levenshtein.opcodes(source, target).as_list())
    for tag, begin, end, new_begin, _ in opcodes:
        if tag == "equal" and end - begin >= _ANCHOR:
            middle = (end - begin) // 2
            blocks.append((start, begin + middle, new_start, new_begin + middle))
            start, new_start = begin + middle, new_begin + middle
    blocks.append((start, len(source), new_start, len(target)))
    return blocks


def _align_block(source: str, target: str, offset: int) -> list[Edit]:
    if source == target:
        return []
    # A common end is not cut off: of a repeated character there, the later one would then not be the edit.
    start = _common_prefix(source, target)
    old, new, offset = source[start:], target[start:], offset + start
    if not old:
        return [Edit(offset, offset, new)]
    if not new:
        return [Edit(offset + i, offset + i + 1, "") for i in range(len(old))]
    # The most common block has a single edit, now at the start, and only one alignment.
    if old[1:] == new[1:]:
        return [Edit(offset, offset + 1, new[0])]
    if old == new[1:]:
        return [Edit(offset, offset, new[0])]
    if old[1:] == new:
        return [Edit(offset, offset + 1, "")]
    return _banded(old, new, offset, Levenshtein.distance(old, new))


def _common_prefix(a: str, b: str) -> int:
    limit = min(len(a), len(b))
    for index in range(limit):
        if a[index] != b[index]:
            return index
    return limit


def _banded(old: str, new: str, offset: int, distance: int) -> list[Edit]:
    """Dynamic programming over the cells that an alignment of ``distance`` edits can reach (Ukkonen 1985).

    An alignment through diagonal k (target index minus source index) has at least |k| insertions or deletions before
    it and |length difference - k| after it. Cells that would exceed the distance stay infinite and are not extended,
    which leaves a handful of cells per row where the texts agree.
    """
    difference = len(new) - len(old)
    slack = (distance - abs(difference)) // 2
    low, high = min(0, difference) - slack, max(0, difference) + slack
    width = high - low + 1
    limits = [(distance - abs(difference - k) + 1) * _EDIT - 1 for k in range(low, high + 1)]
    row = [_INFINITE] * (width + 1)
    for k in range(0, high + 1):
        row[k - low] = k * _GAP_COST
    rows = [row]
    first, last = -low, high - low  # the first and last finite cell of the row above
    for i, a in enumerate(old, 1):
        above, row = row, [_INFINITE] * (width + 1)
        begin = max(first - 1, -low - i, 0)
        stop = min(width, len(new) - i - low + 1)
        first, left = width, _INFINITE
        for index in range(begin, stop):
            j = i + low + index
            if j and a == new[j - 1]:
                best = above[index]  # a match costs nothing, and no other step here can lead to a cheaper alignment
            else:
                best = min(left, above[index + 1]) + _GAP_COST
                if j and above[index] + _EDIT < best:
                    best = min(best, above[index] + _EDIT + 2 * dissimilarity(a, new[j - 1]))
                    if i > 1 and j > 1 and a == new[j - 2] and old[i - 2] == new[j - 1]:
                        best = min(best, rows[i - 2][index] + 2 * _EDIT)
            if best > limits[index]:
                best = _INFINITE
                if index > last:
                    break
            else:
                first = min(first, index)
                live = index
            row[index] = left = best
        last = live
        rows.append(row)
    return _walk_back(old, new, offset, low, rows)


def _walk_back(old: str, new: str, offset: int, low: int, rows: list[list[int]]) -> list[Edit]:
    """The cheapest path, followed from its end. Of equal steps it prefers exchange, then delete, then insert."""
    edits = []
    i, j = len(old), len(new)
    while i or j:
        index = j - i - low
        exchanged = i > 1 and j > 1 and old[i - 1] == new[j - 2] != old[i - 2] == new[j - 1]
        if exchanged and rows[i - 2][index] + 2 * _EDIT == rows[i][index]:
            i, j = i - 2, j - 2
            edits += [Edit(offset + i + 1, offset + i + 2, new[j + 1]), Edit(offset + i, offset + i + 1, new[j])]
            continue
        cost = rows[i][index] - _GAP_COST
        if i and rows[i - 1][index + 1] == cost:
            i -= 1
            edits.append(Edit(offset + i, offset + i + 1, ""))
        elif j and index and rows[i][index - 1] == cost:
            j -= 1
            edits.append(Edit(offset + i, offset + i, new[j]))
        else:
            i, j = i - 1, j - 1
            if old[i] != new[j]:
                edits.append(Edit(offset + i, offset + i + 1, new[j]))
    edits.reverse()
    return edits


def _merge_insertions(edits: list[Edit]) -> list[Edit]:
    """Merge insertions in the same gap into one edit."""
    merged: list[Edit] = []
    for edit in edits:
        last = merged[-1] if merged else None
        if last is not None and edit.start == edit.end == last.start == last.end:
            merged[-1] = Edit(last.start, last.end, last.text + edit.text)
        else:
            merged.append(edit)
    return merged
