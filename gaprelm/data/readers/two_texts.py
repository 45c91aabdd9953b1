"""Two texts side by side: line N of one is the source of line N of the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers.rows import header_left_out, record
from gaprelm.data.records import Record
from gaprelm.errors import InputError, Problem
from gaprelm.header_rows import is_header
from gaprelm.textio import count_lines, read_lines


def read(path: Path, partner: Path) -> Iterator[Record | Problem]:
    """One sentence per line; lines that are blank in both files are skipped.

    Raises:
        InputError: the files have different numbers of lines.
    """
    counts = count_lines(path), count_lines(partner)
    if counts[0] != counts[1]:
        raise InputError(
            f"{path} has {counts[0]} lines and {partner} {counts[1]}; expected equal numbers\n"
            "  cure: line N of one file must belong to line N of the other"
        )
    for line, other in zip(read_lines(path), read_lines(partner), strict=True):
        problem = line.problem or other.problem
        if problem:
            yield problem
        elif line.number == 1 and is_header([line.text, other.text]):
            yield header_left_out(path, line)
        elif line.text.strip() or other.text.strip():
            yield record(path, line, str(line.number), line.text, other.text)
