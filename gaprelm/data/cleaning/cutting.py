"""Cuts training sentences that are too long for the model after sentence ends, source and reference in the same places.

Text to be corrected is cut at the same ends (``gaprelm.correction.splitting``). So the pieces are what a model reads
when it corrects a long text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gaprelm.characters import SENTENCE_ENDS, sentences
from gaprelm.data.records import Sentence
from gaprelm.edits.alignment import LONGEST_ALIGNED, align


@dataclass
class CutCounts:
    """How many sentences ``cut_sentences`` has cut, and into how many pieces, of which some may still be too long."""

    sentences: int = 0
    pieces: int = 0


def cut_sentences(rows: Iterable[Sentence], longest: int, counts: CutCounts) -> Iterator[Sentence]:
    """The rows; instead of each that is too long, its pieces, one row a piece. One without a place to cut stays whole.

    References may be cut in different places, so a piece has one reference. References that fit stay together.

    Args:
        longest: the most characters of a source or a reference.
        counts: is updated.
    """
    for row in rows:
        if max(map(len, (row.source, *row.targets))) <= longest:
            yield row
            continue
        cuts = {target: fitting_pieces(row.source, target, longest) for target in row.targets}
        whole = [target for target in row.targets if len(cuts[target]) == 1]
        if whole or not cuts:
            yield row._replace(targets=whole)
        if pieces := dict.fromkeys(piece for parts in cuts.values() if len(parts) > 1 for piece in parts):
            counts.sentences += 1
            counts.pieces += len(pieces)
            yield from (row._replace(source=source, targets=[target]) for source, target in pieces)


def fitting_pieces(source: str, target: str, longest: int) -> list[tuple[str, str]]:
    """What ``cut_pair`` makes of a pair with more than ``longest`` characters on a side; else the pair."""
    return [(source, target)] if max(len(source), len(target)) <= longest else cut_pair(source, target)


def cut_pair(source: str, target: str) -> list[tuple[str, str]]:
    """The pieces of a pair, cut after each sentence end that both texts have and the alignment keeps.

    The last two sentences below stay together, because only one of the texts has an end between them::

        source   我再家。  他去学学校，天气很泠。
        target   我在家。  他去学校。天气很冷。

    Returns:
        sources and targets that, joined, give the texts back; the pair itself if there is no such place.
    """
    if source != target and max(len(source), len(target)) > LONGEST_ALIGNED:
        return [(source, target)]
    pieces, start, new_start = [], 0, 0
    for end, new_end in _common_ends(source, target):
        pieces.append((source[start:end], target[new_start:new_end]))
        start, new_start = end, new_end
    return [*pieces, (source[start:], target[new_start:])]


def _common_ends(source: str, target: str) -> Iterator[tuple[int, int]]:
    """The places in source and target after each common sentence end, except that of the last sentence."""
    edits, number, shift = align(source, target), 0, 0
    ends_of_target = {end for _, end in _ends(target)}
    for mark, end in _ends(source):
        # The edits before the mark say by how much the target is longer up to here.
        while number < len(edits) and edits[number].end <= mark:
            edit = edits[number]
            shift, number = shift + len(edit.text) - (edit.end - edit.start), number + 1
        # The next edit may begin after the end. A text that is inserted there might belong to either sentence.
        following = edits[number] if number < len(edits) else None
        kept = following is None or (following.start >= end and following.end > end)
        if kept and end + shift in ends_of_target and end < len(source) and end + shift < len(target):
            yield end, end + shift


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Of each sentence the place of its first end mark, and its end, behind all marks and closing quotes."""
    start = 0
    for sentence in sentences(text):
        marks = (place for place, character in enumerate(sentence, start) if character in SENTENCE_ENDS)
        start += len(sentence)
        if (mark := next(marks, None)) is not None:
            yield mark, start
