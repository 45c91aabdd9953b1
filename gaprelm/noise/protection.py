"""Spans that no error may touch: numbers, dates, titles in 《》 and a user's terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gaprelm.terms import Terms
from gaprelm.textio import read_lines, sound_lines

_NUMERAL = "〇零一二三四五六七八九十百千万亿两"
_UNIT = "[年月日号点时分秒]"
# Errors change Chinese characters only, so Latin letters and digits need no span of their own.
_SPANS = re.compile(
    "《[^《》]*》"
    rf"|(?:百分之)?[{_NUMERAL}\d]+点[{_NUMERAL}\d]+{_UNIT}?"
    rf"|百分之[{_NUMERAL}\d]+"
    rf"|第[{_NUMERAL}\d]+{_UNIT}?"
    rf"|(?:\d[\d.,:]*|[{_NUMERAL}]+){_UNIT}"
    rf"|[{_NUMERAL}]{{2,}}"
)


class Protection:
    """Finds the protected spans of a sentence.

    Args:
        terms: texts that are protected wherever they stand, for example names of products.
    """

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._terms = Terms(tuple(sorted(set(terms))))

    @classmethod
    def from_file(cls, path: str | Path) -> Protection:
        """Read the terms from a file, one per line; blank lines are skipped.

        Raises:
            InputError: the file cannot be read.
        """
        lines = sound_lines(read_lines(Path(path)), "mend the line; expected one term per line in UTF-8")
        return cls({line.text.strip() for line in lines} - {""})

    def spans(self, sentence: str) -> Iterator[tuple[int, int]]:
        """(start, end) of each protected span; spans may overlap and contain each other."""
        for match in _SPANS.finditer(sentence):
            yield match.span()
        for start, end, _ in self._terms.find(sentence):
            yield start, end
