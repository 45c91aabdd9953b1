"""A text in the pieces that a model takes, and what is found in the pieces as edits of the text.

Nothing else in the project cuts text for a model: what is joined here was cut here. For a limit of 8 characters:

    text       今天在家。我看书，他也看书。\n你呢？      18 characters
    lines      今天在家。我看书，他也看书。 / \n / 你呢？
    sentences  今天在家。 / 我看书，他也看书。 / \n / 你呢？
    pieces     今天在家。 / 我看书， / 他也看书。 / \n / 你呢？
    start at   0           5          9            14   15
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gaprelm.characters import PAUSES, sentences
from gaprelm.edits.proposed import ProposedEdit, moved

# What str.splitlines takes for one.
_LINE_END = re.compile("(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")


def cut(text: str, limit: int, by_sentence: bool = False) -> list[str]:
    """Pieces of at most ``limit`` characters that joined give ``text`` back; none of an empty text.

    A line end is a piece of its own, because no model was trained on them. A line that fits is one piece, because its
    sentences tell of each other. A longer line is cut after every sentence end, so that it gets the edits that its
    sentences would get alone; a sentence that is too long is cut after pauses, or else anywhere.

    Args:
        text: of any length.
        limit: most characters of a piece.
        by_sentence: cut after every sentence end, also where the line fits.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit}; expected at least 1")
    return [piece for line in lines(text) for piece in _cut_line(line, limit, by_sentence)]


def joined(pieces: Sequence[str], found: Sequence[Sequence[ProposedEdit]]) -> list[ProposedEdit]:
    """What was found in the pieces of a text, as edits of the text.

    Args:
        pieces: that ``cut`` gave.
        found: the edits of each piece, with offsets into the piece.
    """
    start, edits = 0, []
    for piece, proposals in zip(pieces, found, strict=True):
        edits += [moved(proposal, start) for proposal in proposals] if start else proposals
        start += len(piece)
    return edits


def lines(text: str) -> list[str]:
    """The lines of a text and, each by itself, the line ends between them; joined they give ``text`` back."""
    return [part for part in _LINE_END.split(text) if part]


def is_line_end(part: str) -> bool:
    """Whether a part that ``lines`` gave is a line end."""
    return _LINE_END.fullmatch(part) is not None


def _cut_line(line: str, limit: int, by_sentence: bool) -> list[str]:
    if len(line) <= limit and not by_sentence:
        return [line]
    return [piece for sentence in sentences(line) for piece in _cut_sentence(sentence, limit)]


def _cut_sentence(sentence: str, limit: int) -> list[str]:
    """Pieces of one sentence: each as long as can be, after a pause where there is one."""
    pieces, start = [], 0
    while len(sentence) - start > limit:
        place = max(sentence.rfind(mark, start, start + limit) for mark in PAUSES)
        end = place + 1 if place >= start else start + limit
        pieces.append(sentence[start:end])
        start = end
    return [*pieces, sentence[start:]]
