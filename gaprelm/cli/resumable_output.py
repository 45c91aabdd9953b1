"""Output of long runs: a run that was killed can be continued, and gives the same bytes."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from gaprelm.errors import GapReLMError, InputError, shown
from gaprelm.json_files import json_bytes, read_json
from gaprelm.textio import permissions, replacing_itself

logger = logging.getLogger(__name__)
_PIECE = 1 << 20  # bytes read at a time


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
    options it came, with a hash of both texts. A run with the same ones goes on from there; a run with others, or after
    ``OUT.part`` was changed, starts anew and says so.

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
        self._digest, self._written = hashlib.sha256(), hashlib.sha256()
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

        The output is on disk before the journal says so, and the journal says so before ``lines_done`` does.

        Raises:
            InputError: the disk is full or broken; ``lines_done`` and the journal are as before.
        """
        for raw in raws:
            self._digest.update(raw)
        lines = self.lines_done + len(raws)
        with self._named_errors():
            self._append(b"".join(outputs))
            os.fsync(self._file.fileno())
            state = {"lines": lines, "bytes": self._file.tell()}
            state |= {"input_sha256": self._digest.hexdigest(), "output_sha256": self._written.hexdigest()}
            with replacing_itself(self._journal, like=self._part) as temporary:
                temporary.write_bytes(json_bytes(state | {"run": self._run}, indent=1))
        self.lines_done = lines

    def finish(self) -> None:
        """Give the complete file its name.

        Raises:
            InputError: the disk is broken, or the folder cannot be written any more.
        """
        with self._named_errors():
            os.fsync(self._file.fileno())
            if (mode := permissions(self.path)) is not None:
                self._part.chmod(mode)
            os.replace(self._part, self.path)
            self._journal.unlink(missing_ok=True)
        self._file.close()

    def _append(self, content: bytes) -> None:
        # The file has no buffer: what one holds back when the disk is full fails once more when the file is closed.
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._written.update(content)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """Errors of the system get the name of the file, which those of a write lack."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self._part}: {error.strerror}\n"
                "  cure: see that there is room and that the folder can be written, then give the same command again"
            ) from error

    def _opened(self) -> FileIO:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self._part_file()
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

    def _part_file(self) -> FileIO:
        """``OUT.part``, open to read and to append; its owner can write it, others may do what they may with OUT.

        Raises:
            InputError: what stands there was not made by an earlier run.
        """
        mode = permissions(self.path)
        # A pipe would wait for a reader, but not with O_NONBLOCK, which changes nothing for a file.
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
        if self._part.is_symlink():
            raise self._foreign("a link")
        descriptor, new = self._open_part(flags, 0o666 if mode is None else 0o600 | mode)
        file = FileIO(descriptor, "ab+")
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            file.close()
            raise self._foreign("a file with a second name" if stat.S_ISREG(found.st_mode) else "not a regular file")
        if not new and found.st_uid != os.geteuid():  # who may hold it open, and so read and change what becomes OUT
            file.close()
            raise self._foreign("a file of somebody else")
        if mode is not None and found.st_mode & 0o777 != 0o600 | mode:
            os.fchmod(file.fileno(), 0o600 | mode)
        return file

    def _open_part(self, flags: int, mode: int) -> tuple[int, bool]:
        """A descriptor of ``OUT.part``, and whether it was made here; then it is ours, whatever owner is shown."""
        while True:
            try:
                return os.open(self._part, flags | os.O_CREAT | os.O_EXCL, mode), True
            except FileExistsError:
                pass
            try:
                return os.open(self._part, flags), False
            except FileNotFoundError:
                continue  # another run finished between the two calls

    def _foreign(self, what: str) -> InputError:
        return InputError(f"{self._part} is {what}\n  cure: delete it, or name another file")

    def _is_part(self, file: FileIO) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._part.stat())
        except FileNotFoundError:
            return False

    def _go_on(self, header: bytes) -> None:
        """Continue the earlier run where its journal says, or delete what it left."""
        state = self._state()
        earlier = state if state is not None and state["run"] == self._run else None
        length = earlier["bytes"] if earlier else 0
        if not earlier:
            self._written = hashlib.sha256()
        self._file.truncate(length)
        self._file.seek(length)  # writing appends anyway; this makes tell() right
        if earlier:
            self.lines_done, self._expected = earlier["lines"], earlier["input_sha256"]
            logger.info("%s: going on after %d lines", self._part, self.lines_done)
        else:
            if state:
                logger.info("%s was begun with another model or other options: starting anew", self._part)
            self._journal.unlink(missing_ok=True)  # it describes bytes that are gone
            with self._named_errors():
                self._append(header)

    def _state(self) -> dict[str, Any] | None:
        """The content of the journal, or None if there is none that fits OUT.part."""
        if not self._journal.is_file():
            return None
        try:
            state = read_json(self._journal)
        except GapReLMError as error:
            logger.info("%s: starting anew", str(error).partition("\n")[0])
            return None
        if not _is_state(state):
            logger.info("%s is damaged: found %s: starting anew", self._journal, shown(state))
            return None
        size = self._part.stat().st_size
        if size < state["bytes"]:
            logger.info("%s: %d bytes, its journal says %d: starting anew", self._part, size, state["bytes"])
            return None
        self._read(state["bytes"])
        if self._written.hexdigest() != state["output_sha256"]:
            logger.info("%s is not as its run left it: starting anew", self._part)
            return None
        return state

    def _read(self, length: int) -> None:
        """Note the first bytes of ``OUT.part`` as written: none of them may have changed since."""
        with self._named_errors():
            self._file.seek(0)
            while length and (piece := self._file.read(min(length, _PIECE))):
                self._written.update(piece)
                length -= len(piece)


def _is_state(value: object) -> bool:
    """Whether a value is what ``ResumableOutput.write`` writes into the journal."""
    if not isinstance(value, dict):
        return False
    counts = (value.get("lines"), value.get("bytes"))
    return (
        all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts)
        and all(isinstance(value.get(name), str) for name in ("input_sha256", "output_sha256"))
        and isinstance(value.get("run"), dict)
    )
