"""Output of long runs: a run that was killed can be continued, and gives the same bytes."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from gaprelm.errors import GapReLMError, InputError
from gaprelm.json_files import read_json, write_json

logger = logging.getLogger(__name__)


def check_output(path: Path) -> None:
    """Check, before the work begins, that ``path`` can be written.

    Raises:
        InputError: it is a directory, or the path of its folder names a file.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file")
    if path.parent.exists() and not path.parent.is_dir():
        raise InputError(f"{path.parent}: is not a folder\n  cure: name a file in a folder")


class ResumableOutput:
    """A file that is written as ``OUT.part`` and takes its place when it is complete.

    ``OUT.part.json`` says after how many lines the run stood, how long the output was then, and from which input and
    options it came. A run with the same ones goes on from there; a run with others starts anew and says so.

    Args:
        path: of the complete file.
        run: what the bytes depend on beside the input; goes into the journal.
        header: what stands before the first line.

    Raises:
        InputError: nothing can be written there, or another run is writing it.
    """

    def __init__(self, path: Path, run: dict[str, Any], header: bytes = b"") -> None:
        self.path = Path(os.path.realpath(path))
        self._run = run
        self._part = self.path.with_name(f"{self.path.name}.part")
        self._journal = self.path.with_name(f"{self.path.name}.part.json")
        self._file = self._opened()
        self._digest = hashlib.sha256()
        self._expected: str | None = None
        self.lines_done = 0
        self._go_on(header)

    def skipped(self, raw: bytes) -> None:
        """Note a line of the input that an earlier run has done."""
        self._digest.update(raw)

    def check_skipped(self, lines: int) -> None:
        """Check that the skipped lines are those that the earlier run read.

        Raises:
            InputError: they differ, or are too few.
        """
        if self._expected and (lines != self.lines_done or self._digest.hexdigest() != self._expected):
            raise InputError(
                f"{self._part} was begun with other input: its first {self.lines_done} lines were others\n"
                f"  cure: give the same input, or delete {self._part} to start anew"
            )

    def write(self, outputs: Sequence[bytes], raws: Sequence[bytes]) -> None:
        """Write the outputs of some lines of the input, and note that all lines so far are done.

        The output is on disk before the journal says so.
        """
        self._file.write(b"".join(outputs))
        for raw in raws:
            self._digest.update(raw)
        self.lines_done += len(raws)
        self._file.flush()
        os.fsync(self._file.fileno())
        state = {"lines": self.lines_done, "bytes": self._file.tell(), "input_sha256": self._digest.hexdigest()}
        write_json(self._journal, state | {"run": self._run}, indent=1)

    def finish(self) -> None:
        """Give the complete file its name."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if self.path.exists():  # its permissions stay as they were
            shutil.copymode(self.path, self._part)
        os.replace(self._part, self.path)
        self._journal.unlink(missing_ok=True)
        self._file.close()

    def _opened(self) -> BinaryIO:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self._part.open("ab")
        except OSError as error:
            raise InputError(f"{self._part}: {error.strerror}\n  cure: name a folder that can be written") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"{self._part} is being written by another run\n  cure: wait for it, or name another file"
            ) from error
        if self._is_part(file):
            return file
        file.close()  # another run finished between the two calls, so this file is OUT by now
        return self._opened()

    def _is_part(self, file: BinaryIO) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._part.stat())
        except FileNotFoundError:
            return False

    def _go_on(self, header: bytes) -> None:
        """Continue the earlier run where its journal says, or delete what it left."""
        state = self._state()
        earlier = state if state is not None and state["run"] == self._run else None
        length = earlier["bytes"] if earlier else 0
        self._file.truncate(length)
        self._file.seek(length)  # writing appends anyway; this makes tell() right
        if earlier:
            self.lines_done, self._expected = earlier["lines"], earlier["input_sha256"]
            logger.info("%s: going on after %d lines", self._part, self.lines_done)
        else:
            if state:
                logger.info("%s was begun with another model or other options: starting anew", self._part)
            self._journal.unlink(missing_ok=True)  # it describes bytes that are gone
            self._file.write(header)

    def _state(self) -> dict[str, Any] | None:
        """The content of the journal, or None if there is none that fits OUT.part."""
        try:
            state = read_json(self._journal)
            state = {name: state[name] for name in ("lines", "bytes", "input_sha256", "run")}
        except (OSError, GapReLMError, KeyError, TypeError):
            return None
        return state if self._part.stat().st_size >= state["bytes"] else None
