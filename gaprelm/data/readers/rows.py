"""The rows of tab-separated tables, and the record of a row. Quotes are plain characters; blank lines are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.records import Record
from gaprelm.errors import Problem, counted, shown
from gaprelm.header_rows import is_header
from gaprelm.textio import Line, read_lines


def rows(path: Path, widths: tuple[int, ...], expected: str) -> Iterator[tuple[Line, list[str]] | Problem]:
    """The rows of a table; a problem for each whose number of columns is not in ``widths``."""
    for row in all_rows(path):
        if isinstance(row, Problem) or len(row[1]) in widths:
            yield row
        else:
            yield Problem(path, row[0].number, counted(len(row[1]), "column"), expected)


def all_rows(path: Path) -> Iterator[tuple[Line, list[str]] | Problem]:
    """The lines of a table, split at tabs. A first row of column names is left out, with a warning."""
    first = True
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        elif line.text.strip():
            fields = line.text.split("\t")
            if first and is_header(fields):
                yield header_left_out(path, line)
            else:
                yield line, fields
            first = False


def header_left_out(path: Path, line: Line) -> Problem:
    """The warning for a row of column names."""
    return Problem(path, line.number, shown(line.text), "sentences: this row of column names is left out", warning=True)


def record(path: Path, line: Line, name: str, source: str, targets: list[str] | str) -> Record | Problem:
    """The record if none of its texts is empty, else the problem."""
    targets = [targets] if isinstance(targets, str) else targets
    for role, text in (("source", source), *(("target", target) for target in targets)):
        if not text.strip():
            return Problem(path, line.number, f"an empty {role}", "text", name)
    return Record(name, source, targets, line.number)
