"""Lines of files and of standard input that can be written back byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gaprelm.errors import InputError
from gaprelm.pipes import STANDARD_INPUT
from gaprelm.textio import (
    START_BYTES,
    Line,
    check_text_start,
    decoded_line,
    decompressed,
    is_compressed,
    numbered_lines,
)

# Correcting a line takes about 12 times as much memory.
MOST_IN_LINE = 16 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class InputLine(Line):
    """A ``Line`` together with all its bytes, so that it can be written back as it was.

    name: of the file, as the user gave it.
    before: the bytes before the text: a byte-order mark, or nothing.
    body: the bytes of the text.
    end: the line end: LF, CRLF, or nothing.
    """

    name: str
    before: bytes
    body: bytes
    end: bytes

    @property
    def raw(self) -> bytes:
        """All bytes of the line."""
        return self.before + self.body + self.end


def check_files(names: Sequence[str], decodable: bool) -> None:
    """Check that all files are there, before the first line is corrected.

    Args:
        names: paths, or ``-`` for standard input.
        decodable: also check that the files are UTF-8.

    Raises:
        InputError: a file is missing, a directory, an archive, or not UTF-8; standard input is named twice.
    """
    if names.count(STANDARD_INPUT) > 1:
        raise InputError("standard input (-) is named twice; it can be read once\n  cure: name it once")
    for name in names:
        path = Path(name)
        # The name of a missing file is never taken for a text to correct.
        if name != STANDARD_INPUT and (path.is_dir() or not path.exists()):
            what = "is a directory" if path.is_dir() else "no such file"
            raise InputError(f"{name}: {what}\n  cure: name text files, or give the text on standard input")
    for name in filter(_is_file, names):  # a pipe can be read only once
        for line in read_input([name]):
            if not decodable:
                break  # the first line shows that it is no archive
            check_text(line)


def check_text(line: InputLine) -> None:
    """Check that a line is UTF-8.

    Raises:
        InputError: it is not.
    """
    if line.problem:
        raise InputError(
            f"{line.problem}\n  cure: convert the text first, or keep such lines as they are: --on-bad-line keep"
        )


def total_bytes(names: Sequence[str]) -> int | None:
    """The size of all files together; None where standard input, a pipe or a compressed file is among them."""
    if all(_is_file(name) and not is_compressed(Path(name)) for name in names):
        return sum(Path(name).stat().st_size for name in names)
    return None


def _is_file(name: str) -> bool:
    """Whether a name stands for a file on disk. ``-`` stands for standard input; ``./-`` is a file of that name."""
    return name != STANDARD_INPUT and Path(name).is_file()


def read_input(names: Sequence[str]) -> Iterator[InputLine]:
    """The lines of the files, one after the other. Only LF ends a line; one CR before it belongs to the line end.

    ``.gz`` and ``.xz`` files are decompressed: their lines are those of the text in them. The last line of a file may
    have no line end; it gets one where another file follows, so that as many lines come out as went in.

    Raises:
        InputError: a file is an archive or a document, or compressed although its name does not say so; compressed data
            are damaged or cut off; a line has more than ``MOST_IN_LINE`` bytes.
    """
    unended: InputLine | None = None
    for name in names:
        with sys.stdin.buffer if name == STANDARD_INPUT else decompressed(Path(name)) as stream:
            shown = "standard input" if name == STANDARD_INPUT else name
            for number, raw in numbered_lines(stream, shown, MOST_IN_LINE):
                if number == 1:
                    check_text_start(_path(name), raw[:START_BYTES])
                if unended:
                    yield replace(unended, end=b"\n")
                    unended = None
                line = _parsed(name, number, raw)
                if line.end:
                    yield line
                else:
                    unended = line
    if unended:
        yield unended


def _parsed(name: str, number: int, raw: bytes) -> InputLine:
    body = raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw
    end = raw[len(body) :]
    before = _BOM if number == 1 and body.startswith(_BOM) else b""
    body = body.removeprefix(before)
    line = decoded_line(_path(name), number, body)
    return InputLine(number, line.text, line.problem, name=name, before=before, body=body, end=end)


def _path(name: str) -> Path:
    """The path of an input for messages."""
    return Path("standard input" if name == STANDARD_INPUT else name)
