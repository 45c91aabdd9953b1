"""Reading lines and writing files so that nothing is lost, cut or half written."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gaprelm.errors import InputError, Problem

_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Line:
    """A line of a text file: number from 1, text without its line end, or why it is unreadable."""

    number: int
    text: str
    problem: Problem | None = None


def open_binary(path: Path) -> bytes:
    """The bytes of ``path``, a UTF-8 byte-order mark taken off.

    Raises:
        InputError: the file is missing, a directory, empty, compressed or UTF-16.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is no regular file (a pipe, a device)\n  cure: write its content to a file first")
    if not path.is_file():
        raise InputError(f"{path}: no such file\n  cure: check the path (it is relative to {Path.cwd()})")
    data = path.read_bytes()
    if not data:
        raise InputError(f"{path}: the file is empty\n  cure: give a file with at least one record")
    if data.startswith(_GZIP):
        raise InputError(f"{path}:1: found gzip-compressed bytes (1f 8b); expected text\n  cure: gunzip the file first")
    if data.startswith(_UTF16_BOMS):
        raise InputError(
            f"{path}:1: found a UTF-16 byte-order mark ({data[:2].hex(' ')}); expected UTF-8\n"
            "  cure: convert it with: iconv -f UTF-16 -t UTF-8"
        )
    return data.removeprefix(_UTF8_BOM)


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a UTF-8 file. Only LF ends a line; one CR before it belongs to the line end.

    ``str.splitlines`` would also cut at U+2028, U+0085, form feeds and more, which occur inside real sentences.
    A line with broken bytes or NULs comes with its problem, and with what could be decoded.
    """
    data = open_binary(path)
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    for number, raw in enumerate(lines, 1):
        yield _decode(path, number, raw.removesuffix(b"\r"))


def _decode(path: Path, number: int, raw: bytes) -> Line:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at offset {error.start} of the line, which is not valid UTF-8"
        problem = Problem(path, number, found, f"UTF-8{_encoding_hint(raw)}")
        return Line(number, raw.decode("utf-8", errors="replace"), problem)
    if "\0" in text:
        return Line(number, text, Problem(path, number, f"a NUL byte at offset {raw.index(0)} of the line", "text"))
    return Line(number, text)


def _encoding_hint(raw: bytes) -> str:
    for encoding in ("gb18030", "big5"):
        try:
            raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return f" (the line reads as {encoding}: convert with iconv -f {encoding} -t UTF-8)"
    return ""


def is_regular(path: Path) -> bool:
    """Whether ``path`` is a file, or is free to become one: no pipe and no device (/dev/stdout)."""
    special = path.is_relative_to("/dev") or path.is_relative_to("/proc")
    return not path.exists() or (path.is_file() and not special)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends without an error.

    A reader therefore sees the old file or the whole new one, never half of it. A link stays: the file that it points
    to is replaced. What is no regular file (/dev/stdout, a pipe) is written itself.

    Raises:
        InputError: nothing can be written there.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file")
    if not is_regular(path):
        yield path
        return
    path = Path(os.path.realpath(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent}: {error.strerror}\n  cure: name a folder that can be written") from error
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all; its line ends stay as they are."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content``, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def file_hash(path: Path) -> str:
    """sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
