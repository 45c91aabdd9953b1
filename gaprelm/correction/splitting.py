"""Long text in pieces that the model takes: lines, sentences, then cuts after pauses, then anywhere."""

from __future__ import annotations

import re

from gaprelm.characters import PAUSES, SENTENCE_ENDS

# A sentence keeps all its end marks and the quotes and brackets that close after them.
_SENTENCE = re.compile(f"[^{SENTENCE_ENDS}]*[{SENTENCE_ENDS}]*[”’」』）)》]*")
# What str.splitlines takes for one.
_LINE_END = re.compile("(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")


def split_text(text: str, limit: int, by_sentence: bool = False) -> list[str]:
    """Pieces of at most ``limit`` characters that joined give ``text`` back.

    A text that fits stays whole, for its sentences tell of each other; a longer one is cut after every sentence end, so
    that it gets the edits that its sentences would get alone.

    Args:
        by_sentence: cut after every sentence end, also where the text fits.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit {limit}; expected at least 1")
    if len(text) <= limit and not by_sentence:
        return [text]
    return [piece for sentence in sentences(text) for piece in _cut(sentence, limit)]


def lines(text: str) -> list[str]:
    """The lines of a text and, each by itself, the line ends between them; joined they give ``text`` back."""
    return [part for part in _LINE_END.split(text) if part]


def is_line_end(part: str) -> bool:
    """Whether a part that ``lines`` gave is a line end."""
    return _LINE_END.fullmatch(part) is not None


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its end marks; joined they give ``text`` back."""
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def _cut(sentence: str, limit: int) -> list[str]:
    """Pieces of one sentence: each as long as can be, after a pause where there is one."""
    pieces, start = [], 0
    while len(sentence) - start > limit:
        place = max(sentence.rfind(mark, start, start + limit) for mark in PAUSES)
        end = place + 1 if place >= start else start + limit
        pieces.append(sentence[start:end])
        start = end
    return [*pieces, sentence[start:]]
