"""Standard streams that lose nothing without a word: closed ones (``gaprelm … >&-``), and unbuffered ones."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from gaprelm.errors import InputError


def prepare_streams() -> None:
    """Put something in the place of each standard stream that is closed, and of an unbuffered standard output.

    A closed input is empty. What is written to a closed stderr is lost; what is written to a closed standard output is
    an error, once.
    """
    _take_numbers()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_ClosedOutput()), encoding="utf-8")
    elif isinstance(sys.stdout.buffer, io.RawIOBase):
        # With PYTHONUNBUFFERED a write may take a part of the bytes, and would not say so.
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(sys.stdout.buffer), sys.stdout.encoding)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def _take_numbers() -> None:
    """Open the descriptors 0 to 2, so that no file gets one of them and is taken for a stream by a C library."""
    for number in range(3):
        with suppress(OSError):
            os.fstat(number)
            continue
        os.open(os.devnull, os.O_RDWR)


class _ClosedOutput(io.RawIOBase):
    def __init__(self) -> None:
        super().__init__()
        self._told = False

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        # What the buffer holds back is written again at exit.
        if not self._told:
            self._told = True
            raise InputError("standard output is closed, so the output is lost\n  cure: name a file or a pipe for it")
        return len(content)
