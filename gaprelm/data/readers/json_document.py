"""JSON documents of any size, one item at a time, with the line of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gaprelm.errors import InputError
from gaprelm.textio import read_lines

# So many characters are read before the first attempt to parse a value; each further attempt reads twice as many more.
_WINDOW = 1 << 16
# An error this near to the end of what was read may disappear when more is read ("tru", "\u12").
_SLACK = 16


class RepeatedKeys(dict):
    """An object in which a key occurred more than once; as in Python, the last one counts."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else RepeatedKeys(pairs)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


# Marks objects with repeated keys; refuses NaN and Infinity, which Python would take.
DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant)


class JsonDocument:
    """A cursor over a JSON file: ``peek`` and ``skip`` for punctuation, ``value`` for whole values.

    Only the window around the cursor is in memory, so an array may be larger than the memory.

    Raises:
        InputError: in every method: the file has broken bytes, or its JSON is invalid, cut off or nested too deeply.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = read_lines(path)
        self._text, self._at, self._line, self._counted = "", 0, 1, 0
        self._complete = False

    @property
    def line(self) -> int:
        """The line of the cursor, from 1."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """The next character that is not white space, without taking it; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text) or self._complete:
                return self._text[self._at : self._at + 1]
            self._read(_WINDOW)

    def skip(self, characters: str) -> str:
        """Take the next character, which must be one of ``characters``."""
        found = self.peek()
        if not found or found not in characters:
            raise self.error(f"{found!r}" if found else "the end of the file", " or ".join(characters))
        self._at += 1
        return found

    def value(self) -> Any:
        """Take the next value."""
        self.peek()
        wanted = _WINDOW
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self.error("brackets nested too deeply", "a JSON array of objects") from error
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated") or error.pos >= len(self._text.rstrip()) - _SLACK
                if self._complete or not cut:
                    raise self._invalid(error, cut) from error
            except ValueError as error:
                raise self.error(str(error), "JSON") from error  # NaN
            else:
                # A number at the end of the window may continue beyond it.
                if self._complete or end < len(self._text):
                    self._at = end
                    return value
            self._read(wanted)
            wanted *= 2

    def error(self, found: str, expected: str) -> InputError:
        """An error at the cursor."""
        return InputError(f"{self.path}:{self.line}: found {found}; expected {expected}")

    def _invalid(self, error: json.JSONDecodeError, cut: bool) -> InputError:
        line = self.line + self._text.count("\n", self._at, error.pos)
        column = error.pos - self._text.rfind("\n", 0, error.pos)
        end = " (the document is cut off)" if cut else ""
        return InputError(
            f"{self.path}:{line}: found invalid JSON ({error.msg} at column {column}){end}; expected a JSON document\n"
            "  cure: get the whole file again, or mend this line"
        )

    def _read(self, size: int) -> None:
        """Read ``size`` more characters, in whole lines; drop the text before the cursor."""
        _ = self.line
        pieces, length = [self._text[self._at :]], 0
        self._at = self._counted = 0
        for line in self._lines:
            if line.problem:
                raise InputError(f"{line.problem}\n  cure: mend the bytes: a JSON document cannot be read in parts")
            pieces += (line.text, "\n")
            length += len(line.text) + 1
            if length >= size:
                break
        else:
            self._complete = True
        self._text = "".join(pieces[:-1] if self._complete else pieces)


def array_items(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, value) of each item of a JSON array."""
    document = JsonDocument(path)
    document.skip("[")
    while document.peek() != "]":
        line = document.line
        yield line, document.value()
        if document.peek() != "]":
            document.skip(",")
            if document.peek() == "]":
                raise document.error("',' before ']'", "valid JSON: an item after the ',', or no ','")
    document.skip("]")
    _check_end(document)


def object_members(path: Path) -> Iterator[tuple[int, str, Any]]:
    """(line, key, value) of each member of a JSON object."""
    document = JsonDocument(path)
    if not document.peek():
        return
    document.skip("{")
    while document.peek() != "}":
        line, key = document.line, document.value()
        if not isinstance(key, str):
            raise document.error(f"{type(key).__name__} as a key", "a string")
        document.skip(":")
        yield line, key, document.value()
        if document.peek() != "}":
            document.skip(",")
    document.skip("}")
    _check_end(document)


def first_value(path: Path) -> Any:
    """The value at the start of a file; None if there is none."""
    try:
        return JsonDocument(path).value()
    except InputError:
        return None


def _check_end(document: JsonDocument) -> None:
    if found := document.peek():
        raise document.error(f"{found!r} after the document", "the end of the file")
