"""Test input of the SIGHAN tasks with its truth file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gaprelm.characters import whole_number
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown
from gaprelm.textio import read_lines

# 2014 and 2015: (pid=ID), a tab; 2013: (NID=ID), a space.
_INPUT = re.compile(r"\((?:pid|NID)=([^)]*)\)[\t ](.*)", re.DOTALL)


def read(path: Path, truth_path: Path) -> Iterator[Record | Problem]:
    """``(pid=ID) sentence`` lines with ``ID, 0`` or ``ID, location, character, …`` (locations from 1).

    If the truth gives only locations (2013, sub-task 1), a sentence with errors has no reference.
    """
    truths, problems = _read_truth(truth_path)
    yield from problems
    places_only = all(len(fields) < 2 or fields[1].isdigit() for _, fields in truths.values())
    broken = {problem.record_id for problem in problems if problem.record_id is not None}
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        if not line.text.strip():
            continue
        match = _INPUT.fullmatch(line.text)
        if match is None:
            yield Problem(path, line.number, shown(line.text), "(pid=ID), a tab and the sentence")
            continue
        name, source = match.groups()
        if line.problem:
            truths.pop(name, None)
        if line.problem or name in broken:
            yield Record(name, source, [], line.number)
        elif name not in truths:
            yield Problem(path, line.number, "no truth for this id", f"a line for it in {truth_path.name}", name)
        else:
            yield from _correct(truth_path, line.number, name, source, *truths.pop(name), places_only)
    for name, (number, _) in truths.items():
        yield Problem(truth_path, number, "an id that is not in the input", f"an id of {path.name}", name)


def _read_truth(path: Path) -> tuple[dict[str, tuple[int, list[str]]], list[Problem]]:
    """Line number and fields after the id, for every id; and the problems of lines that cannot be used."""
    truths: dict[str, tuple[int, list[str]]] = {}
    problems = []
    for line in read_lines(path):
        if line.problem:
            problems.append(line.problem)
        elif line.text.strip():
            # The published sub-task 1 truth ends one of its lines with a comma.
            name, *fields = [part.strip() for part in line.text.strip().removesuffix(",").split(",")]
            if not fields:
                problems.append(Problem(path, line.number, shown(line.text), "ID, 0 or ID, location, character", name))
            elif name in truths:
                problems.append(Problem(path, line.number, "this id for the second time", "one line per id", name))
            else:
                truths[name] = (line.number, fields)
    return truths, problems


def _correct(
    path: Path, line: int, name: str, source: str, number: int, fields: list[str], places_only: bool
) -> Iterator[Record | Problem]:
    if fields == ["0"]:
        yield Record(name, source, [source], line)
        return
    if places_only:
        yield Record(name, source, [], line)
        return
    target = list(source)
    seen: dict[str, str] = {}
    for location, character in zip(fields[::2], [*fields[1::2], ""], strict=False):
        if not 1 <= (whole_number(location) or 0) <= len(source):
            found, expected = f"location {shown(location)}", f"a number from 1 to {len(source)}"
        elif len(character) != 1:
            found, expected = f"{shown(character)} at location {location}", "one character"
        elif seen.get(location, character) != character:
            found, expected = f"location {location} for the second time", "each location once"
        else:
            if location in seen:  # two lines of the published CLP 2014 truth
                yield Problem(path, number, f"location {location} repeated", "each location once", name, True)
            seen[location] = character
            target[int(location) - 1] = character
            continue
        yield Problem(path, number, found, expected, name)
        yield Record(name, source, [], line)
        return
    yield Record(name, source, ["".join(target)], line)
