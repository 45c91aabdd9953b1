"""Truth and result files of the SIGHAN tasks, read as the official scorers read them.

A line is an id and fields, separated by commas; blanks around them are ignored. 2014, 2015 and sub-task 2 of 2013:
position, character, position, character …; sub-task 1 of 2013: positions. Positions count from 1; ``0`` means no error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gaprelm.characters import whole_number
from gaprelm.errors import InputError, Problem, shown
from gaprelm.scoring.spelling.sighan import Corrections
from gaprelm.textio import read_lines, sound_lines

# The characters that Java's trim removes, as the official scorers use it; U+3000 is not one of them.
_BLANKS = "".join(map(chr, range(0x21)))


logger = logging.getLogger(__name__)


class CorrectionsLine(NamedTuple):
    """A line of a truth or result file; ``number`` from 1. No corrections: the sentence has no error."""

    number: int
    id: str
    corrections: Corrections


def read_corrections(path: Path, places_only: bool = False, trim_lines: bool = False) -> list[CorrectionsLine]:
    """The lines of a file, in their order.

    An even number of fields, including the id, means that there is no error, whatever the fields are; so does the id
    alone. Empty fields at the end of a line are ignored; blank ones count unless lines are trimmed. If a position comes
    twice, its last character counts. So the official scorers read; lines that nobody means so are logged.

    Args:
        places_only: all fields are positions (2013, sub-task 1); characters are empty then.
        trim_lines: ignore blanks at the end of a line (2013).

    Raises:
        InputError: a position is not a number, a line cannot be decoded, or there is no line with an id.
    """
    lines: list[CorrectionsLine] = []
    odd: list[tuple[int, str]] = []
    for line in sound_lines(read_lines(path), "convert the file to UTF-8, without NUL bytes"):
        fields = _fields(line.text, trim_lines)
        if fields:
            name, *values = fields
            corrections = _corrections(path, line.number, values, places_only)
            lines.append(CorrectionsLine(line.number, name, corrections))
            odd += [(line.number, what) for what in _oddities(values, corrections, places_only)]
    if not lines:
        raise InputError(f"{path}: no line with an id\n  cure: check that it is the right file")
    _warn(path, [*odd, *_repeated_ids(lines)])
    return lines


def _oddities(values: list[str], corrections: Corrections, places_only: bool) -> Iterator[str]:
    """What a line says, by the rules of the official scorers, and nobody means.

    Args:
        values: the fields after the id.
    """
    if values == ["0"]:
        return
    if not corrections:
        yield "is read as 'no error', but is not 'ID, 0': a field is missing, or the line ends with a comma and a blank"
    elif 0 in corrections:
        yield "has 0 as a place beside others: it counts as a place"
    elif not places_only and "" in corrections.values():
        yield "has a place without a character"


def _repeated_ids(lines: Sequence[CorrectionsLine]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for line in lines:
        if line.id in seen:
            yield line.number, "has an id that came before: of results the last counts, a truth counts again"
        seen.add(line.id)


def _warn(path: Path, odd: Sequence[tuple[int, str]]) -> None:
    """Log the first line of each kind, and how many there are."""
    for what in dict.fromkeys(what for _, what in odd):
        numbers = [number for number, kind in odd if kind == what]
        more = f" (and {len(numbers) - 1} more lines)" if len(numbers) > 1 else ""
        logger.warning(
            "%s:%d: this line%s %s\n  cure: mend the line: ID, 0 or ID, place, character, …",
            path,
            numbers[0],
            more,
            what,
        )


def _corrections(path: Path, number: int, values: list[str], places_only: bool) -> Corrections:
    if places_only:
        places = [_position(path, number, value) for value in values if value]
        return {place: "" for place in places if place}
    if len(values) % 2:
        return {}
    return {_position(path, number, place): text for place, text in zip(values[::2], values[1::2], strict=True)}


def _fields(text: str, trim: bool) -> list[str]:
    """The fields of a line, trimmed; none for a blank line."""
    if not text.strip(_BLANKS):
        return []
    parts = (text.strip(_BLANKS) if trim else text).split(",")
    while not parts[-1]:
        parts.pop()
    return [part.strip(_BLANKS) for part in parts]


def _position(path: Path, number: int, text: str) -> int:
    position = whole_number(text)
    if position is None:
        problem = Problem(path, number, f"{shown(text)} as a position", "a number from 1, or 0 for no error")
        raise InputError(f"{problem}\n  cure: mend the line: ID, position, character, …")
    return position


def task_of_2013(path: Path) -> int:
    """The sub-task that a truth file of 2013 is for: 1, all fields are numbers; 2, characters follow positions.

    Raises:
        InputError: it is neither.
    """
    rows = [(line.number, _fields(line.text, trim=True)[1:]) for line in read_lines(path)]
    given = [(number, values) for number, values in rows if values not in ([], ["0"])]
    if all(value.isdigit() or not value for _, values in given for value in values):
        return 1
    wrong = next((number for number, v in given if len(v) % 2 or any(text.isdigit() for text in v[1::2])), None)
    if wrong is None:
        return 2
    raise InputError(
        f"{path}:{wrong}: found positions alone, but other lines have characters\n"
        "  cure: mend the line, or say which sub-task it is with --task"
    )


def paired(
    truth_path: Path,
    truths: Sequence[CorrectionsLine],
    result_path: Path,
    results: Sequence[CorrectionsLine],
    missing_is_empty: bool = False,
) -> tuple[list[Corrections], list[Corrections]]:
    """Truths and results of the same sentences, in the order of the truth file.

    Of several results with the same id the last counts; a truth that comes twice counts twice.

    Args:
        missing_is_empty: a sentence without a result has no corrections; otherwise it is an error.

    Raises:
        InputError: only one of the files has an id; the message names the first one.
    """
    known: Mapping[str, Corrections] = {line.id: line.corrections for line in results}
    expected = {line.id for line in truths}
    numbers = f"({len(results)} results, {len(truths)} truths)"
    unknown = next((line for line in results if line.id not in expected), None)
    if unknown:
        raise InputError(
            f"{result_path}:{unknown.number}: id {shown(unknown.id)} is not in {truth_path} {numbers}\n"
            "  cure: score results of the same sentences; a line is ID, position, character, …, with commas"
        )
    missing = next((line for line in truths if line.id not in known), None)
    if missing and not missing_is_empty:
        raise InputError(
            f"{result_path}: no line for id {shown(missing.id)} ({truth_path}:{missing.number}) {numbers}\n"
            f"  cure: add it ('{missing.id[:40]}, 0' says that there is no error)"
        )
    return [line.corrections for line in truths], [known.get(line.id, {}) for line in truths]
