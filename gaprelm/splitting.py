"""Long text in pieces that the model takes: sentences, and what is still too long after pauses, else anywhere."""

from __future__ import annotations

import re

from gaprelm.characters import PAUSES, SENTENCE_ENDS

# A sentence keeps all its end marks and the quotes and brackets that close after them.
_SENTENCE = re.compile(f"[^{SENTENCE_ENDS}]*[{SENTENCE_ENDS}]*[”’」』）)》]*")


def split_text(text: str, limit: int) -> list[str]:
    """Pieces of at most ``limit`` characters that joined give ``text`` back.

    A text that fits stays whole; a longer one is cut after every sentence end, so that it gets the edits that its
    sentences would get alone.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit}; expected at least 1")
    if len(text) <= limit:
        return [text]
    return [piece for sentence in _SENTENCE.findall(text) if sentence for piece in _cut(sentence, limit)]


def _cut(sentence: str, limit: int) -> list[str]:
    """Pieces of one sentence: each as long as can be, after a pause where there is one."""
    pieces, start = [], 0
    while len(sentence) - start > limit:
        place = max(sentence.rfind(mark, start, start + limit) for mark in PAUSES)
        end = place + 1 if place >= start else start + limit
        pieces.append(sentence[start:end])
        start = end
    return [*pieces, sentence[start:]]
