"""SIGHAN (2013, 2014, 2015) in all the forms in circulation, told apart by name and content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers import sighan_sgml, sighan_truth, two_texts
from gaprelm.data.readers.json_records import first_character, read_items, record_of, text_of
from gaprelm.data.readers.partners import is_truth
from gaprelm.data.readers.rows import record, rows
from gaprelm.data.records import Record
from gaprelm.errors import Problem
from gaprelm.textio import read_lines

TEST_INPUT = re.compile(r"\((?:pid|NID)=")
KEYS = frozenset({"original_text", "correct_text"})


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """SGML; test input with truth; JSON pairs; X_error.txt with X_correct.txt; or tab-separated columns."""
    first = first_character(path)
    if first == "<":
        return sighan_sgml.read(path)
    if first in "[{":
        return _read_json(path)
    if partner is None:
        return _read_columns(path)
    if is_truth(partner) or (first == "(" and any(TEST_INPUT.match(line.text) for line in read_lines(path))):
        return sighan_truth.read(path, partner)
    return two_texts.read(path, partner)


def _read_json(path: Path) -> Iterator[Record | Problem]:
    """Objects with ``original_text``, ``correct_text`` and ``wrong_ids`` (positions from 0, which should fit)."""
    for item in read_items(path, KEYS):
        if isinstance(item, Problem):
            yield item
            continue
        source, target = (text_of(item, key) for key in ("original_text", "correct_text"))
        if isinstance(source, str) and isinstance(target, str) and len(source) == len(target):
            wrong_ids = item.value.get("wrong_ids")
            differing = [i for i, (a, b) in enumerate(zip(source, target, strict=True)) if a != b]
            if wrong_ids is not None and wrong_ids != differing:
                # Only a warning: the texts themselves say what is right.
                found = f"wrong_ids {str(wrong_ids)[:60]}"
                yield item.problem(found, f"{differing}, where the two texts differ", warning=True)
        yield from record_of(item, item.name, source, [target])


def _read_columns(path: Path) -> Iterator[Record | Problem]:
    """``source TAB target`` or ``id TAB source TAB target``; every line has the form of the first one."""
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
