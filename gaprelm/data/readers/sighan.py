"""SIGHAN (2013, 2014, 2015) in all forms that are passed around, told apart by name and content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers import sighan_sgml, sighan_truth
from gaprelm.data.readers.columns import record, rows
from gaprelm.data.readers.json_records import first_character, read_objects, text_of
from gaprelm.data.records import Record
from gaprelm.errors import InputError, Problem
from gaprelm.textio import read_lines

_TEST_INPUT = re.compile(r"\((?:pid|NID)=")


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """SGML; test input with truth; the pair JSON; X_error.txt with X_correct.txt; or source-target by tabs."""
    first = first_character(path)
    if first == "<":
        return sighan_sgml.read(path)
    if first in "[{":
        return _read_json(path)
    if partner is None:
        return _read_columns(path)
    if first == "(" and any(_TEST_INPUT.match(line.text) for line in read_lines(path)):
        return sighan_truth.read(path, partner)
    return _read_two_texts(path, partner)


def _read_json(path: Path) -> Iterator[Record | Problem]:
    """Objects with ``original_text``, ``correct_text`` and ``wrong_ids`` (positions from 0, which must fit)."""
    for number, value in read_objects(path):
        if isinstance(value, Problem):
            yield value
            continue
        source, target = (text_of(path, number, value, key) for key in ("original_text", "correct_text"))
        problem = next((text for text in (source, target) if isinstance(text, Problem)), None)
        name = str(value.get("id", number))
        if problem:
            yield problem
            continue
        wrong_ids = value.get("wrong_ids")
        differing = [i for i, (a, b) in enumerate(zip(source, target, strict=False)) if a != b]
        if wrong_ids is not None and len(source) == len(target) and wrong_ids != differing:
            yield Problem(path, number, f"wrong_ids {wrong_ids}", f"{differing}, where the two texts differ", name)
            # The texts say what is right; only their summary is wrong.
        yield Record(name, source, [target])


def _read_two_texts(path: Path, partner: Path) -> Iterator[Record | Problem]:
    """One sentence a line; line N of one file belongs to line N of the other."""
    wrong, right = list(read_lines(path)), list(read_lines(partner))
    if len(wrong) != len(right):
        raise InputError(
            f"{path} has {len(wrong)} lines and {partner} {len(right)}; expected as many\n"
            "  cure: line N of one file must belong to line N of the other"
        )
    for line, other in zip(wrong, right, strict=True):
        problem = line.problem or other.problem
        if problem:
            yield problem
        elif line.text.strip() or other.text.strip():
            yield record(path, line, str(line.number), line.text, other.text)


def _read_columns(path: Path) -> Iterator[Record | Problem]:
    """``source TAB target`` or ``id TAB source TAB target``; every line as the first one."""
    width = None
    for row in rows(path, (2, 3), "2 columns (source TAB target) or 3 (id TAB source TAB target)"):
        if isinstance(row, Problem):
            yield row
            continue
        line, fields = row
        width = width or len(fields)
        if len(fields) != width:
            yield Problem(path, line.number, f"{len(fields)} columns", f"{width}, as in the first line")
        else:
            yield record(path, line, fields[0] if width == 3 else str(line.number), fields[-2], fields[-1])
