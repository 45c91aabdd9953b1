"""Sentences for scoring from JSON: an object per line, or an array of them, as ``gaprelm correct`` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gaprelm.errors import InputError, Problem, shown
from gaprelm.json_files import read_json
from gaprelm.textio import read_lines, sound_lines, without_compression

_FORM = 'an object with "target": a text, or a list of texts'


class JsonSentence(NamedTuple):
    """An object of a file.

    line: its line; in an array its place, from 1.
    id, source: None if the object has none.
    targets: at least one.
    """

    line: int
    id: str | None
    source: str | None
    targets: list[str]


def is_json(path: Path) -> bool:
    """Whether a file is JSON: its name says so, or its first line that is not blank is an object or opens an array.

    A sentence may begin with a bracket too, so that a first line that does not go on as JSON is text.
    """
    if without_compression(path).suffix.lower() in (".json", ".jsonl"):
        return True
    first = next((line.text.strip() for line in read_lines(path) if line.text.strip()), "")
    if first.replace(" ", "") in ("[", "[{", "{"):
        return True
    try:
        value = json.loads(first) if first[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        # An array whose first object is not closed on its line, or an object that is cut off.
        return first.startswith(('[{"', '{"'))
    return isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, dict) for item in value))


def read_json_sentences(path: Path, with_sources: bool) -> list[JsonSentence]:
    """The sentences of a JSON file, in their order.

    Args:
        with_sources: each object must have ``source``.

    Raises:
        InputError: the file is not JSON, or an object lacks a key or holds something else than text there.
    """
    return [_sentence(path, line, value, with_sources) for line, value in _values(path)]


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    lines = [line for line in sound_lines(read_lines(path), "convert the file") if line.text.strip()]
    if lines and lines[0].text.lstrip().startswith("["):
        yield from enumerate(read_json(path), 1)
        return
    for line in lines:
        try:
            yield line.number, json.loads(line.text)
        except (ValueError, RecursionError) as error:
            found = f"{shown(line.text)}, which is not JSON ({error})"
            problem = Problem(path, line.number, found, "one JSON object per line")
            raise InputError(f"{problem}\n  cure: mend the line, or write the file again") from error


def _sentence(path: Path, line: int, value: Any, with_sources: bool) -> JsonSentence:
    if not isinstance(value, dict) or "target" not in value:
        found = f"the keys {', '.join(map(str, value))}" if isinstance(value, dict) else shown(value)
        raise _wrong(path, line, found, _FORM)
    targets = value["target"] if isinstance(value["target"], list) else [value["target"]]
    if not targets or not all(isinstance(text, str) for text in targets):
        raise _wrong(path, line, f'"target" {shown(value["target"])}', _FORM)
    source = value.get("source")
    if not isinstance(source, str) and (with_sources or source is not None):
        raise _wrong(path, line, f'"source" {shown(source)}', 'an object with "source": a text')
    try:
        "".join((*targets, source or "")).encode()
    except UnicodeEncodeError as error:
        raise _wrong(path, line, "a lone surrogate", "characters that UTF-8 can hold") from error
    name = value.get("id")
    return JsonSentence(line, None if name is None else str(name), source, targets)


def _wrong(path: Path, line: int, found: str, expected: str) -> InputError:
    return InputError(f"{Problem(path, line, found, expected)}\n  cure: mend the object, or give the sentences as text")
