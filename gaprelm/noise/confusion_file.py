"""A user's confusion file: which characters and words are written by mistake for which."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gaprelm.errors import InputError, Problem, shown
from gaprelm.noise.choices import Choices
from gaprelm.textio import open_stream, read_lines, sound_lines

_EXPECTED_TSV = "a text and, after tabs, its alternatives, each as long as the text"
_EXPECTED_JSON = 'an object like {"在": ["再"], "权利": {"权力": 3}}, every alternative as long as its text'


class FileConfusions:
    """Texts, and their alternatives: what is written for them by mistake.

    Args:
        alternatives: for a text of one or more characters its alternatives and their weights.
    """

    def __init__(self, alternatives: Mapping[str, Mapping[str, float]]) -> None:
        self._choices = {text: Choices(others) for text, others in alternatives.items() if others}
        self.lengths = sorted({len(text) for text in self._choices}, reverse=True)

    def __contains__(self, text: str) -> bool:
        return text in self._choices

    def choose(self, text: str, chance: float) -> str:
        """One of the alternatives, in proportion to their weights; ``chance`` is a draw from 0 to 1."""
        return self._choices[text].choose(chance)


def read_confusions(path: str | Path) -> FileConfusions:
    """Read a confusion file: JSON if its name ends in .json, else lines of a text and its alternatives, tab-separated.

    Blank lines and lines that begin with # are skipped. For a single character, each character of a column is an
    alternative.

    Raises:
        InputError: with the line (in JSON: the text) that is wrong.
    """
    path = Path(path)
    table: dict[str, dict[str, float]] = {}
    for place, text, others in _json_entries(path) if path.suffix == ".json" else _tsv_entries(path):
        for other, weight in others.items():
            problem = _problem(text, other, weight)
            if problem:
                expected = _EXPECTED_JSON if path.suffix == ".json" else _EXPECTED_TSV
                raise _error(path, place, problem, expected)
        entry = table.setdefault(text, {})
        for other, weight in others.items():
            entry[other] = entry.get(other, 0) + weight
    if not table:
        raise InputError(f"{path}: no entry in it\n  cure: expected {_EXPECTED_TSV} (docs/use/noise.md)")
    return FileConfusions(table)


def _problem(text: str, other: str, weight: Any) -> str | None:
    if not text or len(other) != len(text):
        return f"{shown(other)} for {shown(text)}"
    if other == text:
        return f"{shown(text)} for itself"
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not weight > 0:
        return f"weight {shown(weight)} of {shown(other)} for {shown(text)}"
    return None


def _error(path: Path, line: int, found: str, expected: str) -> InputError:
    return InputError(f"{Problem(path, line, found, expected)}\n  cure: mend the entry (docs/use/noise.md)")


def _tsv_entries(path: Path) -> Iterator[tuple[int, str, dict[str, float]]]:
    for line in sound_lines(read_lines(path), "mend the line (docs/use/noise.md)"):
        if not line.text.strip() or line.text.startswith("#"):
            continue
        text, *columns = [column.strip() for column in line.text.split("\t")]
        others = [column for column in columns if column]
        if not text or not others:
            raise _error(path, line.number, shown(line.text), _EXPECTED_TSV)
        if len(text) == 1:
            others = [character for column in others for character in column]
        yield line.number, text, dict.fromkeys(others, 1.0)


def _json_entries(path: Path) -> Iterator[tuple[int, str, dict[str, float]]]:
    with open_stream(path) as stream:
        data = stream.read()
    try:
        content = data.decode("utf-8")
        table = json.loads(content)
    except UnicodeDecodeError as error:
        found = f"byte {error.object[error.start]:#04x}, which is not valid UTF-8"
        raise _error(path, error.object.count(b"\n", 0, error.start) + 1, found, "UTF-8") from error
    except json.JSONDecodeError as error:
        raise _error(path, error.lineno, f"invalid JSON ({error.msg}, column {error.colno})", _EXPECTED_JSON) from error
    except RecursionError as error:
        raise _error(path, 1, "JSON that is nested too deeply", _EXPECTED_JSON) from error
    if not isinstance(table, dict):
        raise _error(path, 1, shown(table), _EXPECTED_JSON)
    for text, others in table.items():
        line = _line_of(content, text)
        if isinstance(others, str):
            others = list(others) if len(text) == 1 else [others]
        if isinstance(others, list) and all(isinstance(other, str) for other in others):
            others = dict.fromkeys(others, 1.0)
        if not isinstance(others, dict) or not others:
            raise _error(path, line, f"{shown(others)} for {shown(text)}", _EXPECTED_JSON)
        yield line, text, others


def _line_of(content: str, key: str) -> int:
    """The line of a key; 1 if the key is written with escapes, and so is not found."""
    place = content.find(json.dumps(key, ensure_ascii=False))
    return content.count("\n", 0, place) + 1 if place >= 0 else 1
