"""MuCGEC: the published text (id, source and references, separated by tabs), or JSON with ``source`` and ``target``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gaprelm.data.readers.json_records import Item, checked_text, first_character, read_items, record_of, text_of
from gaprelm.data.readers.rows import all_rows, record
from gaprelm.data.records import Record
from gaprelm.edits.tokens import NO_ERROR, NOT_ANNOTATED
from gaprelm.errors import Problem
from gaprelm.textio import Line

KEYS = frozenset({"source", "target", "targets"})


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """JSON Lines, a JSON array or the published text, told apart by the first character, not by the extension."""
    return _read_json(path) if first_character(path) in "[{<" else _read_text(path)


def _read_json(path: Path) -> Iterator[Record | Problem]:
    with_references = False
    for item in read_items(path, KEYS):
        if isinstance(item, Problem):
            yield item
        else:
            with_references |= "target" in item.value or "targets" in item.value
            yield from _read_item(item, with_references)


def _read_item(item: Item, with_references: bool) -> Iterator[Record | Problem]:
    source = text_of(item, "source")
    key = "targets" if "target" not in item.value and "targets" in item.value else "target"
    if key not in item.value:
        # A file without any reference is odd; a record without one, after records that have some, is a mistake.
        found, expected = 'no key "target"', 'an object with "source" and "target"'
        targets: list[str | Problem] = [item.problem(found, expected, warning=not with_references)]
    else:
        values = item.value[key]
        values = values if isinstance(values, list) and values else [values]
        targets = [checked_text(item, key, value) for value in values]
    yield from record_of(item, item.name, source, with_markers(source, targets))


def _read_text(path: Path) -> Iterator[Record | Problem]:
    """``id TAB source [TAB reference …]``; the first line decides whether the lines have references."""
    with_references = None
    for row in all_rows(path):
        if isinstance(row, Problem):
            yield row
            continue
        line, fields = row[0], _without_empty_end(row[1])
        if with_references is None and len(fields) > 1:
            with_references = len(fields) > 2
        yield _read_row(path, line, fields, with_references)


def _read_row(path: Path, line: Line, fields: list[str], with_references: bool | None) -> Record | Problem:
    expected = "id TAB source TAB reference [TAB reference …]"
    if len(fields) < 2:
        return Problem(path, line.number, "1 column", expected)
    if with_references and len(fields) == 2:
        return Problem(path, line.number, "no reference", f"{expected}; {NOT_ANNOTATED} stands for none", fields[0])
    if not with_references and len(fields) > 2:
        return Problem(path, line.number, f"{len(fields)} columns", "2, id TAB source, as in the first line", fields[0])
    made = record(path, line, fields[0], fields[1], fields[2:])
    if isinstance(made, Record):
        made = replace(made, targets=with_markers(made.source, made.targets))
    return made


def _without_empty_end(fields: list[str]) -> list[str]:
    """The columns without empty ones at the end, which spreadsheets add to short rows. The first reference stays, even
    if it is empty, and is then reported."""
    while len(fields) > 3 and not fields[-1].strip():
        fields.pop()
    return fields


def with_markers(source: str | Problem, targets: Sequence[str | Problem]) -> list[str | Problem]:
    """References, with markers replaced by their meaning: 没有错误 becomes the source itself, 无法标注 no reference."""
    return [source if text == NO_ERROR else text for text in targets if text != NOT_ANNOTATED]
