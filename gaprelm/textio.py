"""Reads lines and writes files so that nothing is lost, cut or half written."""

from __future__ import annotations

import errno
import gzip
import hashlib
import lzma
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from gaprelm.errors import InputError, Problem
from gaprelm.pipes import is_kept, open_kept
from gaprelm.xz_files import XzMemoryError, open_xz

_GZIP = b"\x1f\x8b"
_XZ = b"\xfd7zXZ\x00"
_UNPACK = "unpack it and name the file in it, or save the document as text (.txt) or the table as .tsv"
# Files that are no text: how they start, what they are, and what to do about it.
_NO_TEXT = (
    (rb"BZh[1-9]1AY&SY", "bzip2-compressed bytes", "decompress it: bunzip2 {path}"),
    (rb"\x28\xb5\x2f\xfd", "zstd-compressed bytes", "decompress it: unzstd {path}"),
    (rb"PK(\x03\x04|\x05\x06)", "a zip archive (.docx and .xlsx are such archives too)", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c|Rar!\x1a\x07", "a 7z or rar archive", "unpack it, and name the file in it"),
    (rb"%PDF-", "a PDF document", "save its text as a .txt file"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1", "a document of an old Office program", "save it as text (.txt) or a table (.tsv)"),
)
START_BYTES = 16
_DECOMPRESSORS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": open_xz}
_ESCAPED = {"\\": "\\", "t": "\t", "r": "\r", "n": "\n"}
_ESCAPE = re.compile(r"\\([\\trn])")
# Far beyond any text; what decompresses without an end must not fill the memory.
_MOST_IN_LINE = 512 << 20
# Errors of a write that is not the writer's fault: the disk is full or broken.
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EBADF)
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# First and second bytes of punctuation and of the frequent characters (level 1 of GB 2312, level 1 of Big5).
_FREQUENT = {
    "gb18030": (range(0xA1, 0xD8), range(0xA1, 0xFF)),
    "big5": (range(0xA1, 0xC7), range(0x40, 0xFF)),
}


@dataclass(frozen=True)
class Line:
    """A line of a text file: its number from 1, its text without the line end, and its problem if it has one."""

    number: int
    text: str
    problem: Problem | None = None


@contextmanager
def open_stream(path: Path) -> Iterator[BinaryIO]:
    """The bytes of ``path`` as a stream, a UTF-8 byte-order mark taken off; ``.gz`` and ``.xz`` are decompressed.

    Raises:
        InputError: the file is missing, a directory, empty, in UTF-16, an archive, or compressed although its name does
            not say so. While the block reads: the compressed data are damaged or cut off.
    """
    _check_file(path)
    with decompressed(path) as stream:
        start = stream.read(START_BYTES)
        if not start:
            raise InputError(f"{path}: the file is empty\n  cure: give a file with at least one record")
        check_text_start(path, start)
        if start.startswith(_UTF16_BOMS):
            raise InputError(
                f"{path}:1: found a UTF-16 byte-order mark ({start[:2].hex(' ')}); expected UTF-8\n"
                "  cure: convert it with: iconv -f UTF-16 -t UTF-8"
            )
        stream.seek(len(_UTF8_BOM) if start.startswith(_UTF8_BOM) else 0)
        yield stream


def _check_file(path: Path) -> None:
    if is_kept(path):
        return
    if path.is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a regular file (a pipe, a device)\n  cure: write its content to a file first")
    if not path.is_file():
        raise InputError(f"{path}: no such file\n  cure: check the path (it is relative to {Path.cwd()})")


@contextmanager
def decompressed(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file as a stream; ``.gz`` and ``.xz`` are decompressed.

    What was kept of standard input or of a pipe has no such name; it is decompressed if it starts as such files do.

    Raises:
        InputError: while the block reads: the compressed data are damaged or cut off.
    """
    try:
        with _opened(path) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        what = "compressed" if is_kept(path) else path.suffix
        cure = "decompress it" if isinstance(error, XzMemoryError) else "get the whole file again"
        raise InputError(f"{path}: found {error}; expected {what} data to its end\n  cure: {cure}") from error


def _opened(path: Path) -> Any:
    if not is_kept(path):
        return _DECOMPRESSORS.get(path.suffix, open)(path, "rb")
    stream = open_kept(path)
    start = stream.peek(len(_XZ))
    suffix = ".gz" if start.startswith(_GZIP) else ".xz" if start.startswith(_XZ) else ""
    return _DECOMPRESSORS[suffix](stream, "rb") if suffix else stream


def is_compressed(path: Path) -> bool:
    """Whether the name of a file says that it is compressed, so that it is decompressed as it is read."""
    return path.suffix in _DECOMPRESSORS


def check_text_start(path: Path, start: bytes) -> None:
    """Check by the first bytes of a file that it is no archive, no document, and not compressed once more.

    Args:
        start: the first ``START_BYTES`` bytes, decompressed where the name says that they are compressed.

    Raises:
        InputError: it is; the message says what it is.
    """
    for name, magic, suffix in (("gzip", _GZIP, ".gz"), ("xz", _XZ, ".xz")):
        if start.startswith(magic):
            raise InputError(
                f"{path}:1: found {name}-compressed bytes ({magic[:2].hex(' ')}); expected text\n"
                f"  cure: rename it to {path.name}{suffix}, which is read as it is, or decompress it"
            )
    for pattern, what, cure in _NO_TEXT:
        if re.match(pattern, start):
            raise InputError(f"{path}: found {what}; expected text\n  cure: {cure.format(path=path)}")


def read_start(path: Path, size: int) -> str:
    """The first ``size`` bytes of a file as text; broken bytes are replaced.

    Raises:
        InputError: as ``open_stream``.
    """
    with open_stream(path) as stream:
        return stream.read(size).decode("utf-8", errors="replace")


def without_compression(path: Path) -> Path:
    """The path without ``.gz`` or ``.xz`` at its end."""
    return path.with_suffix("") if is_compressed(path) else path


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a UTF-8 file, one at a time. Only LF ends a line; one CR before it belongs to the line end.

    ``str.splitlines`` would also cut at U+2028, U+0085, form feeds and more, which occur inside real sentences.
    A line with broken bytes or NULs comes with its problem, and with what could be decoded.
    """
    with open_stream(path) as stream:
        yield from _decoded_lines(path, stream)


def _decoded_lines(path: Path, stream: BinaryIO) -> Iterator[Line]:
    """The lines of an open stream, as ``read_lines`` gives them; ``path`` is its name in problems."""
    for number, raw in numbered_lines(stream, str(path), _MOST_IN_LINE):
        yield _decode(path, number, raw.removesuffix(b"\n").removesuffix(b"\r"))


def numbered_lines(stream: BinaryIO, name: str, most: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a stream with their numbers from 1, each with its line end.

    Args:
        name: of the stream, for the message.
        most: bytes that a line may have; more are not read into memory.

    Raises:
        InputError: a line is longer.
    """
    number = 0
    while raw := stream.readline(most + 2):
        number += 1
        if len(raw) > most and len(raw.removesuffix(b"\n").removesuffix(b"\r")) > most:
            raise InputError(
                f"{name}:{number}: found a line of more than {most >> 20} MiB; expected lines that fit into memory\n"
                "  cure: break the line, for example at the end of each sentence"
            )
        yield number, raw


def read_standard_input() -> Iterator[Line]:
    """The lines of standard input, as ``read_lines`` gives them for a file; a byte-order mark is taken off."""
    for line in _decoded_lines(Path("standard input"), sys.stdin.buffer):
        yield replace(line, text=line.text.removeprefix("\ufeff")) if line.number == 1 else line


def sound_lines(lines: Iterable[Line], cure: str) -> Iterator[Line]:
    """The lines, as long as none of them has a problem.

    Raises:
        InputError: a line has a problem; the message ends with the cure.
    """
    for line in lines:
        if line.problem:
            raise InputError(f"{line.problem}\n  cure: {cure}")
        yield line


def read_utf8(path: Path) -> str:
    """The text of a file, with LF as line end.

    Raises:
        InputError: as ``open_stream``; or a line is not UTF-8, or contains NULs.
    """
    with open_stream(path) as stream:
        content = stream.read(_MOST_IN_LINE + 1)
    with suppress(UnicodeDecodeError):
        text = content.decode("utf-8")
        if "\0" not in text and len(content) <= _MOST_IN_LINE:
            text = text.replace("\r\n", "\n")
            return text[:-1] if text.endswith("\n") else text.removesuffix("\r")
    # Line by line takes longer, and names the line that is wrong.
    return "\n".join(line.text for line in sound_lines(read_lines(path), "convert the file"))


def count_lines(path: Path) -> int:
    """How many lines ``read_lines`` gives, without decoding them."""
    with open_stream(path) as stream:
        return sum(1 for _ in stream)


def _decode(path: Path, number: int, raw: bytes) -> Line:
    line = decoded_line(path, number, raw)
    if line.problem is None and "\0" in line.text:
        problem = Problem(path, number, f"a NUL byte at offset {raw.index(0)} of the line", "text")
        return Line(number, line.text, problem)
    return line


def decoded_line(path: Path, number: int, raw: bytes) -> Line:
    """Decode a line. If its bytes are not UTF-8, it comes with a problem.

    Args:
        path: the name of the file in the problem.
        number: of the line, from 1.
        raw: its bytes, without the line end.
    """
    try:
        return Line(number, raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at offset {error.start} of the line, which is not valid UTF-8"
        problem = Problem(path, number, found, f"UTF-8{encoding_hint(raw)}")
        return Line(number, raw.decode("utf-8", errors="replace"), problem)


def encoding_hint(raw: bytes) -> str:
    """How to convert a line that is not UTF-8, if most of it decodes to frequent Chinese characters; else empty."""
    shares = {name: _frequent_share(raw, name) for name in _FREQUENT}
    name = max(shares, key=lambda name: shares[name])
    if shares[name] < 0.5:
        return ""
    return f" (the line reads as {name}: convert with iconv -f {name} -t UTF-8)"


def _frequent_share(raw: bytes, encoding: str) -> float:
    """The share of punctuation and frequent characters of the encoding among the characters that are not ASCII."""
    try:
        characters = [c.encode(encoding) for c in raw.decode(encoding) if not c.isascii()]
    except UnicodeDecodeError:
        return 0.0
    first, second = _FREQUENT[encoding]
    return sum(len(c) == 2 and c[0] in first and c[1] in second for c in characters) / max(len(characters), 1)


def escaped(text: str) -> str:
    """The text as a field of a table: backslash, tab, line feed and carriage return become two characters each."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")


def unescaped(field: str) -> str:
    """The text that ``escaped`` wrote."""
    return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], field)


def is_regular(path: Path) -> bool:
    """Whether ``path`` is a regular file or does not exist yet; false for pipes and devices (/dev/stdout)."""
    special = path.is_relative_to("/dev") or path.is_relative_to("/proc")
    return not path.exists() or (path.is_file() and not special)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when the block ends without an error.

    A reader therefore sees the old file or the whole new one, never half of it. A link stays: the file that it points
    to is replaced. A path that is not a regular file (/dev/stdout, a pipe) is written directly.

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
    with replacing_itself(path, like=path) as temporary:
        yield temporary


@contextmanager
def replacing_itself(path: Path, like: Path) -> Iterator[Path]:
    """As ``replacing``, but a link at ``path`` is replaced itself.

    Args:
        like: the new file gets the permissions of this one, from its first byte on, where there is one.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    mode = permissions(like)
    try:
        with naming(path):
            _create(temporary, mode)
            yield temporary
            if mode is not None:
                temporary.chmod(mode)
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def naming(output: Path | str) -> Iterator[None]:
    """Errors of the disk get the name of the output; the system's own error of a write does not say where."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _DISK_ERRORS:
            raise OSError(error.errno, error.strerror, str(output)) from error
        raise


def permissions(path: Path) -> int | None:
    """Who may read and write a file, as for ``chmod``; None where there is no file."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def _create(path: Path, mode: int | None) -> None:
    """Make an empty file that its owner can write. What stood there, such as a link, is deleted and not followed."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    os.close(os.open(path, flags, 0o666 if mode is None else 0o600 | mode))


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
