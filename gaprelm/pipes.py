"""Standard input and pipes, kept so that they can be read as files are: more than once, each time from the start."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from gaprelm.errors import InputError

# What stands for standard input on the command line; ``./-`` is a file of that name.
STANDARD_INPUT = "-"
# The path that stands for kept standard input, and its name in messages.
_STANDARD_INPUT_PATH = Path("standard input")

# The files have no name on disk, so nothing is left of them, however the process ends.
_kept: dict[Path, BinaryIO] = {}


def keep(names: Sequence[str]) -> list[str]:
    """The names of inputs, as readers take them. Standard input and pipes among them are read to their end now.

    Args:
        names: paths, ``-`` for standard input, or pipes (``/dev/fd/63``, a named pipe).

    Raises:
        InputError: standard input is named twice.
    """
    if names.count(STANDARD_INPUT) > 1:
        raise InputError("standard input (-) is named twice; it can be read once\n  cure: name it once")
    return [_keep(name) for name in names]


def _keep(name: str) -> str:
    if name == STANDARD_INPUT:
        _copy(_STANDARD_INPUT_PATH, sys.stdin.buffer)
        return str(_STANDARD_INPUT_PATH)
    path = Path(name)
    if path.is_fifo() and path not in _kept:
        with path.open("rb") as pipe:
            _copy(path, pipe)
    return name


def _copy(path: Path, stream: BinaryIO) -> None:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as the process lives
    shutil.copyfileobj(stream, file)
    file.flush()
    _kept[path] = file  # pyright: ignore[reportArgumentType]: the wrapper of tempfile is a BinaryIO in all but its type


def is_kept(path: Path) -> bool:
    """Whether ``path`` stands for standard input or a pipe that is kept."""
    return path in _kept


def open_kept(path: Path) -> io.BufferedReader:
    """What was read from a kept path, from its start. Several such streams do not disturb each other."""
    return io.BufferedReader(_Reader(_kept[path].fileno()))


class _Reader(io.RawIOBase):
    """Reads a file by its descriptor, at a place of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._place = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] - a view comes
        data = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: os.fstat(self._descriptor).st_size}
        self._place = starts[whence] + offset
        return self._place
