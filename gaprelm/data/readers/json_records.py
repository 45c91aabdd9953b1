"""JSON files: an array of objects, or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gaprelm.errors import InputError, Problem, shown
from gaprelm.textio import open_binary, read_lines


def first_character(path: Path) -> str:
    """The first character that is not white space; a space where there is none."""
    text = open_binary(path).decode("utf-8", errors="replace").lstrip()
    return text[0] if text else " "


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """(number, object or problem) of a JSON array (number of the record) or of JSON Lines (number of the line)."""
    if first_character(path) == "[":
        yield from _read_array(path)
    else:
        yield from _read_json_lines(path)


def _read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    for line in read_lines(path):
        if line.problem:
            yield line.number, line.problem
            continue
        if not line.text.strip():
            continue
        try:
            value = json.loads(line.text, parse_constant=_refuse_constant)
        except RecursionError:
            yield line.number, Problem(path, line.number, "brackets nested too deeply", "a JSON object")
            continue
        except ValueError as error:
            found = f"no valid JSON ({getattr(error, 'msg', error)} at column {getattr(error, 'colno', 1)})"
            yield line.number, Problem(path, line.number, found, "one JSON object a line")
            continue
        yield line.number, _object(path, line.number, value)


def _read_array(path: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    text = "\n".join(_whole_lines(path))
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise InputError(f"{path}:1: found brackets nested too deeply; expected a JSON array of objects") from error
    except json.JSONDecodeError as error:
        cut = " (the document is cut off)" if error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg else ""
        raise InputError(
            f"{path}:{error.lineno}: found no valid JSON ({error.msg} at column {error.colno}){cut}; "
            "expected a JSON array of objects\n  cure: get the whole file again"
        ) from error
    except ValueError as error:
        raise InputError(f"{path}: {error}; expected a JSON array of objects") from error
    for number, value in enumerate(values, 1):
        yield number, _object(path, number, value)


def _whole_lines(path: Path) -> Iterator[str]:
    """Lines of a document that cannot be read in parts: the first problem ends it."""
    for line in read_lines(path):
        if line.problem:
            raise InputError(str(line.problem))
        yield line.text


def _object(path: Path, number: int, value: Any) -> dict[str, Any] | Problem:
    if isinstance(value, dict):
        return value
    return Problem(path, number, f"{shown(value)}", "an object with source and target")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def text_of(path: Path, number: int, value: dict[str, Any], key: str) -> str | Problem:
    """The string at ``key`` without lone surrogates, else the problem."""
    if key not in value:
        return Problem(path, number, f'no key "{key}"', f'an object with "{key}"')
    text = value[key]
    if not isinstance(text, str):
        found = "null" if text is None else type(text).__name__
        return Problem(path, number, f'"{key}" is {found}', f'"{key}" to be a string')
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return Problem(path, number, f"a lone surrogate in {shown(text)}", "characters that UTF-8 can hold")
    if not text.strip():
        return Problem(path, number, f'an empty "{key}"', "text")
    return text
