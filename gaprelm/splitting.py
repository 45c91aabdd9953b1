"""Long text in pieces that the model takes: cut after sentence ends, else after pauses, else anywhere."""

from __future__ import annotations

from gaprelm.characters import PAUSES, SENTENCE_ENDS


def split_text(text: str, limit: int) -> list[str]:
    """Pieces of at most ``limit`` characters that joined give ``text`` back.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit}; expected at least 1")
    pieces, start = [], 0
    while len(text) - start > limit:
        end = _cut(text, start, start + limit)
        pieces.append(text[start:end])
        start = end
    pieces.append(text[start:])
    return pieces


def _cut(text: str, start: int, end: int) -> int:
    """The last good place in (start, end] to cut ``text``."""
    for marks in (SENTENCE_ENDS, PAUSES):
        place = max(text.rfind(mark, start, end) for mark in marks)
        if place >= start:
            return place + 1
    return end
