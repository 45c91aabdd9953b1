"""Truth and result files of the SIGHAN tasks, read as the official scorers read them.

A line is an id and fields behind commas, blanks around them do not count. 2014, 2015 and sub-task 2 of 2013: position,
character, position, character …; sub-task 1 of 2013: positions. Positions count from 1; ``0`` says that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gaprelm.errors import InputError, Problem, shown
from gaprelm.scoring.sighan import Corrections
from gaprelm.textio import read_lines

Table = list[tuple[str, dict[int, str]]]


def read_corrections(path: Path, places_only: bool = False, ignore_other_lines: bool = False) -> Table:
    """(id, corrections) of every line, in the order of the file.

    An even number of fields, the id included, says that there is no error, whatever the fields are; so does the id
    alone. A position that comes twice has the character that comes last.

    Args:
        places_only: all fields are positions (2013, sub-task 1); characters are empty then.
        ignore_other_lines: leave out lines with an even number of fields (2013, sub-task 2, where the official scorer
            calls them illegal).

    Raises:
        InputError: a position is no number, or a line cannot be decoded.
    """
    table: Table = []
    for line in read_lines(path):
        if line.problem:
            raise InputError(f"{line.problem}\n  cure: convert the file to UTF-8")
        fields = _fields(line.text)
        if not fields:
            continue
        name, *values = fields
        even = len(values) % 2 == 1
        if places_only:
            places = [_position(path, line.number, value) for value in values if value]
            table.append((name, {place: "" for place in places if place}))
        elif not even:
            pairs = zip(values[::2], values[1::2], strict=True)
            table.append((name, {_position(path, line.number, place): text for place, text in pairs}))
        elif not ignore_other_lines:
            table.append((name, {}))
    return table


def _fields(text: str) -> list[str]:
    """The fields of a line, trimmed; empty ones at its end do not count, none for a blank line."""
    parts = text.strip().split(",")
    while parts and not parts[-1]:
        parts.pop()
    return [part.strip() for part in parts]


def _position(path: Path, number: int, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        problem = Problem(path, number, f"{shown(text)} as a position", "a number from 1, or 0 for no error")
        raise InputError(f"{problem}\n  cure: mend the line")
    return int(text)


def has_places_only(path: Path) -> bool:
    """Whether a truth file is one of sub-task 1 of 2013: its lines have positions and no characters."""
    values = [_fields(line.text)[1:] for line in read_lines(path)]
    return all(value.isdigit() for fields in values for value in fields)


def paired(
    truth_path: Path, truths: Table, result_path: Path, results: Table, missing_is_empty: bool = False
) -> tuple[Sequence[Corrections], Sequence[Corrections]]:
    """Truths and results of the same sentences, in the order of the truth file.

    Of several results with one id the last counts; a truth that comes twice counts twice.

    Args:
        missing_is_empty: a sentence without result has no corrections, else it is an error.

    Raises:
        InputError: naming the first id that only one of the files has.
    """
    known: Mapping[str, Corrections] = dict(results)
    expected = {name for name, _ in truths}
    unknown = next((name for name, _ in results if name not in expected), None)
    if unknown is not None:
        raise InputError(
            f"{result_path}: id {unknown} is not in {truth_path} ({len(results)} results, {len(truths)} truths)\n"
            "  cure: score results of the same sentences"
        )
    missing = next((name for name in (name for name, _ in truths) if name not in known), None)
    if missing is not None and not missing_is_empty:
        raise InputError(
            f"{result_path}: no line for id {missing} of {truth_path} ({len(results)} results, {len(truths)} truths)\n"
            f"  cure: add it ('{missing}, 0' says that there is no error)"
        )
    return [truth for _, truth in truths], [known.get(name, {}) for name, _ in truths]
