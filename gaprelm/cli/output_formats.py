"""The output formats of ``gaprelm correct``: text, JSON Lines, a table of edits, and a diff for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from gaprelm.cli.input_lines import InputLine
from gaprelm.json_files import json_text
from gaprelm.textio import escaped

if TYPE_CHECKING:
    from gaprelm.correction.results import Correction, CorrectionEdit

Render = Callable[["Correction", InputLine], bytes]
FORMATS = ("text", "jsonl", "tsv", "diff")
_TSV_COLUMNS = ("file", "line", "start", "end", "type", "source", "target", "confidence")
_REMOVED, _ADDED, _PLACE, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[0m"


def renderer(name: str, colour: bool) -> Render:
    """The function that renders a correction in a format, as bytes.

    Args:
        name: one of ``FORMATS``.
        colour: whether the diff has colours.
    """
    if name == "diff":
        return lambda correction, line: _diff(correction, line, colour)
    return {"text": _text, "jsonl": _jsonl, "tsv": _tsv}[name]


def header(name: str) -> bytes:
    """The bytes before the first line: the names of the columns of a table, or nothing."""
    return ("\t".join(_TSV_COLUMNS) + "\n").encode() if name == "tsv" else b""


def wants_colour(choice: str, to_terminal: bool) -> bool:
    """Whether to write colours.

    Args:
        choice: ``always``, ``never``, or ``auto``: on a terminal, unless NO_COLOR is set (https://no-color.org).
    """
    if choice != "auto":
        return choice == "always"
    return to_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def _text(correction: Correction, line: InputLine) -> bytes:
    if line.problem:
        return line.raw
    return line.before + correction.target.encode("utf-8") + line.end


def _jsonl(correction: Correction, line: InputLine) -> bytes:
    row = correction.as_dict()
    if line.problem:
        row = {"source": line.text, "target": line.text, "edits": []}
    return json_text(row, indent=None).encode("utf-8")


def _tsv(correction: Correction, line: InputLine) -> bytes:
    name = escaped(line.name)
    rows = (
        (name, line.number, e.start, e.end, e.type, escaped(e.source), escaped(e.target), f"{e.confidence:.4f}")
        for e in correction.edits
    )
    return "".join("\t".join(map(str, row)) + "\n" for row in rows).encode("utf-8", errors="surrogateescape")


def _diff(correction: Correction, line: InputLine, colour: bool) -> bytes:
    if not correction.edits:
        return b""
    removed, added, place, plain = (_REMOVED, _ADDED, _PLACE, _PLAIN) if colour else ("", "", "", "")
    parts, done = [f"{place}{_visible(line.name)}:{line.number}:{plain} "], 0
    for start, end, new in _merged(correction.edits):
        parts.append(_visible(correction.source[done:start]))
        if end > start:
            parts.append(f"{removed}[-{_visible(correction.source[start:end])}-]{plain}")
        if new:
            parts.append(f"{added}{{+{_visible(new)}+}}{plain}")
        done = end
    parts.append(_visible(correction.source[done:]) + "\n")
    return "".join(parts).encode("utf-8", errors="backslashreplace")


def _merged(edits: list[CorrectionEdit]) -> Iterator[tuple[int, int, str]]:
    """Start, end and new text of each edit; edits that touch are joined into one."""
    start, end, new = edits[0].start, edits[0].start, ""
    for edit in edits:
        if edit.start > end:
            yield start, end, new
            start, new = edit.start, ""
        end, new = edit.end, new + edit.target
    yield start, end, new


def _visible(text: str) -> str:
    """Text for a terminal: control characters are escaped, because a terminal would obey them."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\t\u3000\xa0" else ascii(c)[1:-1] for c in text)
