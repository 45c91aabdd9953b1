"""Lang8 as NLPCC 2018 published it, separated by tabs: number, count of corrections, source, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.characters import whole_number
from gaprelm.data.readers.rows import all_rows, record
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """``id TAB count TAB source [TAB correction …]``; a sentence with 0 corrections is correct."""
    for row in all_rows(path):
        if isinstance(row, Problem):
            yield row
            continue
        line, fields = row
        if has_count(fields):
            yield record(path, line, fields[0], fields[2], fields[3:] or [fields[2]])
        else:
            expected = "id TAB count TAB source, and as many corrections as the count says"
            yield Problem(path, line.number, shown(line.text), expected)


def has_count(fields: list[str]) -> bool:
    """Whether column 2 says how many columns follow the third."""
    return len(fields) > 2 and whole_number(fields[1]) == len(fields) - 3
