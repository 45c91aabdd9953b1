"""Clean text, one sentence per line: errors are generated later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.records import Record
from gaprelm.errors import InputError, Problem
from gaprelm.textio import read_lines, without_compression


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """Every line that is not blank is a sentence; the line number is its id.

    Raises:
        InputError: the name says that the file is a table.
    """
    if without_compression(path).suffix == ".tsv":
        raise InputError(
            f"{path}: found a .tsv file, a table; expected plain text (format clean)\n"
            "  cure: name its format (parallel, mucgec, …), or rename it to .txt"
        )
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        elif line.text.strip():
            yield Record(str(line.number), line.text, [line.text], line.number)
