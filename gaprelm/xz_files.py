"""Reads .xz files to their end: ``lzma.open`` leaves out, without a word, what follows on the padding of a stream."""

from __future__ import annotations

import io
import lzma
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 16
# The largest of the presets of xz takes an eighth of it; a few bytes of a file can ask for 4 GiB.
_MOST_MEMORY = 512 << 20


class XzMemoryError(lzma.LZMAError):
    """The data ask for more memory than is given to them."""


def open_xz(file: Path | BinaryIO, mode: str = "rb") -> io.BufferedReader:
    """The text in an .xz file, or in a stream of such bytes. An .lzma file is read too.

    Args:
        mode: there is no other than ``rb``.

    Raises:
        lzma.LZMAError: while it is read: the data are damaged, or something else stands behind them.
        EOFError: while it is read: the data are cut off.
    """
    assert mode == "rb"
    return io.BufferedReader(_XzReader(file.open("rb") if isinstance(file, Path) else file), _PIECE)


class _XzReader(io.RawIOBase):
    """All streams of a file, one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._rewind()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the start: backwards by reading anew."""
        assert whence == io.SEEK_SET, "nothing else is asked for"
        if offset < self._place:
            self._rewind()
        while self._place < offset and (piece := self._next(min(offset - self._place, _PIECE))):
            self._place += len(piece)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] - a view comes
        piece = self._next(len(buffer))
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _rewind(self) -> None:
        self._file.seek(0)
        self._place, self._packed, self._ended = 0, b"", False
        self._stream = lzma.LZMADecompressor(lzma.FORMAT_AUTO, _MOST_MEMORY)

    def _next(self, size: int) -> bytes:
        """At most so many bytes; none at the end of the file."""
        while not self._ended:
            if self._stream.eof:
                self._begin_stream()
                continue
            if self._stream.needs_input and not self._fill():
                raise EOFError("compressed data that are cut off")
            packed, self._packed = self._packed, b""
            try:
                piece = self._stream.decompress(packed, size)
            except lzma.LZMAError as error:
                if "memory" in str(error).lower():
                    raise XzMemoryError(f"compressed data that ask for more than {_MOST_MEMORY >> 20} MiB") from error
                raise
            if self._stream.eof:
                self._packed = self._stream.unused_data
            if piece:
                return piece
        return b""

    def _begin_stream(self) -> None:
        """Go on with the next stream, behind the padding: zeros, a multiple of four."""
        zeros = 0
        while self._fill():
            found, self._packed = len(self._packed), self._packed.lstrip(b"\0")
            zeros += found - len(self._packed)
            if self._packed:
                break
        if zeros % 4:
            raise lzma.LZMAError("padding that is cut off")
        if self._packed:
            self._stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_MEMORY)
        else:
            self._ended = True

    def _fill(self) -> bool:
        """Read on, if nothing is left; whether there is something."""
        self._packed = self._packed or self._file.read(_PIECE)
        return bool(self._packed)
