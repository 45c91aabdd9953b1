"""The objects of JSON files: in an array, or one per line (JSON Lines)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gaprelm.data.readers.json_document import DECODER, RepeatedKeys, array_items, first_value
from gaprelm.data.records import Record
from gaprelm.errors import InputError, Problem, shown
from gaprelm.textio import read_lines, read_start

_START = 1 << 16


class Item(NamedTuple):
    """An object of a file.

    line: where it starts. number: its place among the objects, or its line in JSON Lines, from 1.
    """

    path: Path
    line: int
    number: int
    value: dict[str, Any]
    in_array: bool

    @property
    def name(self) -> str:
        """Its own id, else its number."""
        return written(self.value.get("id", self.number))

    def problem(self, found: str, expected: str, warning: bool = False) -> Problem:
        """A problem of this object. Objects of an array are named by their id too, since many may share one line."""
        return Problem(self.path, self.line, found, expected, self.name if self.in_array else None, warning)


def written(name: Any) -> str:
    """A name as text that UTF-8 can hold: a lone surrogate becomes ``?``."""
    return str(name).encode("utf-8", "replace").decode()


def first_character(path: Path) -> str:
    """The first character that is not white space; a space if there is none."""
    return read_start(path, _START).lstrip()[:1] or " "


def read_items(path: Path, keys: Collection[str]) -> Iterator[Item | Problem]:
    """The objects of a JSON array or of JSON Lines.

    Args:
        keys: a record has one of them; a file that is a single object without any of them is refused as a whole.

    Raises:
        InputError: the file is not JSON at all, or an array is cut off, has broken bytes or is nested too deeply.
    """
    first = first_character(path)
    if first == "[":
        for number, (line, value) in enumerate(array_items(path), 1):
            yield from _item(path, line, number, value, True)
        return
    if first == "<":
        raise InputError(
            f"{path}:1: found '<': this looks like HTML or XML, not JSON; expected a JSON array or JSON Lines\n"
            "  cure: an error page may have been saved in place of the file: fetch it again"
        )
    _refuse_one_object(path, keys)
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        elif line.text.strip():
            yield from _line_item(path, line.number, line.text)


def _refuse_one_object(path: Path, keys: Collection[str]) -> None:
    """Raise if the file is one object that contains the records, as ``{"data": [...]}``."""
    value = first_value(path)
    if isinstance(value, dict) and not keys & value.keys() and any(isinstance(v, list | dict) for v in value.values()):
        raise InputError(
            f"{path}:1: found an object with the keys {shown(', '.join(value))} at the top level; expected a list (a "
            f"JSON array) of objects, or one object per line, with {' or '.join(sorted(keys))}\n"
            "  cure: take the list out of the object, or name the right format (docs/use/formats.md)"
        )


def _line_item(path: Path, number: int, text: str) -> Iterator[Item | Problem]:
    try:
        value = DECODER.decode(text)
    except RecursionError:
        yield Problem(path, number, "brackets nested too deeply", "a JSON object")
        return
    except ValueError as error:
        cut = getattr(error, "pos", 0) >= len(text.rstrip()) - 1 or "Unterminated" in str(error)
        end = "; the line is cut off" if cut else ""
        found = f"invalid JSON ({getattr(error, 'msg', error)} at column {getattr(error, 'colno', 1)}{end})"
        yield Problem(path, number, found, "one JSON object per line")
        return
    yield from _item(path, number, number, value, False)


def _item(path: Path, line: int, number: int, value: Any, in_array: bool) -> Iterator[Item | Problem]:
    if not isinstance(value, dict):
        name = str(number) if in_array else None
        yield Problem(path, line, shown(value), "an object with source and target", name)
        return
    item = Item(path, line, number, value, in_array)
    if isinstance(value, RepeatedKeys):
        yield item.problem("a key that stands twice in the object", "each key once; the last one counts", warning=True)
    yield item


def text_of(item: Item, key: str) -> str | Problem:
    """The string at ``key``, else the problem; only a warning if it is a string that holds no text."""
    if key not in item.value:
        return item.problem(f'no key "{key}"', f'an object with "{key}"')
    return checked_text(item, key, item.value[key])


def checked_text(item: Item, role: str, text: Any) -> str | Problem:
    """``text`` if it is a string with text in it, else the problem."""
    if not isinstance(text, str):
        found = "null" if text is None else type(text).__name__
        return item.problem(f'"{role}" is {found}', f'"{role}" to be a string')
    if not text.strip():
        return item.problem(f'an empty "{role}"', "text", warning=True)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return item.problem(f"a lone surrogate in {shown(text)}", "characters that UTF-8 can hold", warning=True)
    return text


def record_of(
    item: Item, name: str, source: str | Problem, targets: Sequence[str | Problem]
) -> Iterator[Record | Problem]:
    """The record of checked texts, or their problems.

    If all problems are warnings (a text is empty or cannot be written as UTF-8), the record comes without references,
    so that it is counted and the other records keep their numbers. A source that cannot be used becomes empty.
    """
    problems = [text for text in (source, *targets) if isinstance(text, Problem)]
    yield from problems
    if isinstance(source, str) and not problems:
        yield Record(name, source, [text for text in targets if isinstance(text, str)], item.line)
    elif all(problem.warning for problem in problems):
        yield Record(name, source if isinstance(source, str) else "", [], item.line)
