"""Clean text, one sentence a line: errors are generated later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.records import Record
from gaprelm.errors import Problem
from gaprelm.textio import read_lines


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """Every line that is not blank is a sentence; its number is its id."""
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        elif line.text.strip():
            yield Record(str(line.number), line.text, [line.text], line.number)
