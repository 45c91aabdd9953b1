"""FCGEC: one object, ``{id: {"sentence": …, "error_flag": 0 or 1, "operation": "[…]"}}``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Any

from gaprelm.characters import whole_number
from gaprelm.data.readers.json_document import object_members
from gaprelm.data.readers.json_records import Item, checked_text, record_of, written
from gaprelm.data.records import Record
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.errors import Problem, shown

# An annotation may offer several words at each of several places: at most so many combinations become references.
_MOST_REFERENCES = 8
_REPLACED = re.compile(r"MOD_(\d+)")


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record per member, with one reference per annotation and choice of words.

    An annotation first reorders the sentence: ``Switch`` gives for each new place the old one. Then it deletes, inserts
    after a place and replaces, all by places of the reordered sentence, from 0. Members without ``error_flag`` (the
    test set) come without a reference. A single broken annotation leaves its sentence without any reference.
    """
    for number, (line, key, value) in enumerate(object_members(path), 1):
        name = written(key)
        if not isinstance(value, dict) or not isinstance(value.get("sentence"), str) or not value["sentence"].strip():
            yield Problem(path, line, shown(value), 'an object with "sentence"', name)
            continue
        source, flag = value["sentence"], value.get("error_flag")
        if flag not in (None, 0, 1):
            yield Problem(path, line, f'"error_flag" {shown(flag)}', "0 or 1", name)
            continue
        try:
            targets = [source] if flag == 0 else _references(source, value.get("operation")) if flag else []
        except _OperationError as error:
            yield Problem(path, line, error.found, error.expected, name)
            targets = []
        item = Item(path, line, number, value | {"id": key}, in_array=True)
        text = checked_text(item, "sentence", source)
        texts = [] if isinstance(text, Problem) else [checked_text(item, "operation", target) for target in targets]
        yield from record_of(item, name, text, texts)


class _OperationError(Exception):
    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


def _references(source: str, operation: Any) -> list[str]:
    if isinstance(operation, str):
        try:
            operation = json.loads(operation)
        except (ValueError, RecursionError) as error:
            found = f'"operation" that is not JSON ({error}): {shown(operation)}'
            raise _OperationError(found, "a JSON list") from error
    if not isinstance(operation, list) or not operation or not all(isinstance(o, dict) and o for o in operation):
        raise _OperationError(f'"operation" {shown(operation)} with error_flag 1', "at least one operation")
    texts = [text for annotation in operation for text in _apply(source, annotation)]
    return list(dict.fromkeys(texts))


def _apply(source: str, annotation: dict[str, Any]) -> Iterator[str]:
    """The references of one annotation, one for each choice of words."""
    unknown = annotation.keys() - {"Switch", "Delete", "Insert", "Modify"}
    if unknown:
        raise _OperationError(f"operation {shown(sorted(unknown)[0])}", "Switch, Delete, Insert or Modify")
    text = source
    if "Switch" in annotation:
        order = annotation["Switch"]
        if not isinstance(order, list) or sorted(order, key=str) != sorted(range(len(source)), key=str):
            found = f"Switch {shown(order)}, which is not a permutation"
            raise _OperationError(found, f"each place from 0 to {len(source) - 1} once")
        text = "".join(source[place] for place in order)
    choices = [[Edit(place, place + 1, "")] for place in _places(annotation.get("Delete", []), len(text))]
    choices += [_choice(entry, len(text), inserted=True) for entry in _entries(annotation, "Insert")]
    choices += [_choice(entry, len(text), inserted=False) for entry in _entries(annotation, "Modify")]
    for edits in islice(product(*choices), _MOST_REFERENCES):
        ordered = sorted(edits)
        if any(first.end > second.start for first, second in pairwise(ordered)):
            raise _OperationError(f"operations that overlap: {shown(annotation)}", "each place changed once")
        yield apply_edits(text, ordered)


def _entries(annotation: dict[str, Any], key: str) -> list[Any]:
    entries = annotation.get(key, [])
    if not isinstance(entries, list):
        raise _OperationError(f"{key} {shown(entries)}", "a list")
    return entries


def _places(values: Any, length: int) -> list[int]:
    if not isinstance(values, list):
        raise _OperationError(f"places {shown(values)}", "a list")
    for value in values:
        if type(value) is not int or not 0 <= value < length:
            raise _OperationError(f"pos {shown(value)}", f"a place from 0 to {length - 1}")
    return values


def _choice(entry: Any, length: int, inserted: bool) -> list[Edit]:
    """The edits that an entry of Insert or Modify offers, one for each word."""
    if not isinstance(entry, dict):
        raise _OperationError(shown(entry), "an object with pos, tag and label")
    [place] = _places([entry.get("pos")], length)
    label = entry.get("label")
    labels: list[Any] = label if isinstance(label, list) else [label]
    if not labels or not all(isinstance(label, str) for label in labels):
        raise _OperationError(f"label {shown(entry.get('label'))}", "text, or a list of texts")
    if inserted:
        return [Edit(place + 1, place + 1, label) for label in labels]
    match = _REPLACED.match(str(entry.get("tag")))
    width = whole_number(match[1]) if match else None
    if width is None or place + width > length:
        raise _OperationError(f"tag {shown(entry.get('tag'))} at {place}", f"MOD_N within the {length} characters")
    return [Edit(place, place + width, label) for label in labels]
