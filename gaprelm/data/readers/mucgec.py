"""MuCGEC: the published text (id, source, references by tabs), or JSON with ``source`` and ``target``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers.columns import record
from gaprelm.data.readers.json_records import first_character, read_objects, text_of
from gaprelm.data.records import Record
from gaprelm.errors import Problem
from gaprelm.scoring.tokens import NO_ERROR, NOT_ANNOTATED
from gaprelm.textio import read_lines


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """JSON Lines, a JSON array or the published text, told apart by the first character, not by the extension."""
    return _read_json(path) if first_character(path) in "[{" else _read_text(path)


def _read_json(path: Path) -> Iterator[Record | Problem]:
    for number, value in read_objects(path):
        if isinstance(value, Problem):
            yield value
            continue
        source = text_of(path, number, value, "source")
        target = value.get("target", value.get("targets"))
        references = target if isinstance(target, list) and target else [target]
        wrong = next((r for r in references if not isinstance(r, str)), None)
        if isinstance(source, Problem):
            yield source
        elif "target" not in value and "targets" not in value:
            yield Problem(path, number, 'no key "target"', 'an object with "source" and "target"')
        elif wrong is not None or None in references:
            found = "null" if wrong is None else type(wrong).__name__
            yield Problem(path, number, f'"target" is {found}', '"target" to be a string, or a list of strings')
        else:
            yield _with_markers(str(value.get("id", number)), source, references)


def _read_text(path: Path) -> Iterator[Record | Problem]:
    for line in read_lines(path):
        if line.problem:
            yield line.problem
            continue
        if not line.text.strip():
            continue
        fields = line.text.split("\t")
        if len(fields) < 2:
            yield Problem(path, line.number, "1 column", "id TAB source TAB reference [TAB reference …]")
            continue
        made = record(path, line, fields[0], fields[1], fields[2:])
        yield made if isinstance(made, Problem) else _with_markers(*made)


def _with_markers(name: str, source: str, references: list[str]) -> Record:
    """Markers turned into what they mean: 没有错误 is the source itself, 无法标注 no reference."""
    targets = [source if text == NO_ERROR else text for text in references if text != NOT_ANNOTATED]
    return Record(name, source, targets)
