"""What is in the files that users bring: a change of their content reruns what reads them, a change of time does not.

Snakemake compares the content of an input only if the input is newer than what was made of it. A file that ``mv``,
``cp -p``, ``rsync -a`` or ``unzip`` puts in the place of another keeps its own, older time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from gaprelm.errors import InputError
from gaprelm.json_files import read_json, write_json
from gaprelm.textio import file_hash

# Hashes of smaller files are not kept: to make them anew takes about a millisecond.
_LARGE = 1 << 20
# The hash of a file that was written just now is not kept: a clock may show the next write as the same moment.
_MOMENT = 2_000_000_000  # nanoseconds


class Contents:
    """Hashes of files. Those of large files are kept from run to run, so that planning stays quick.

    A kept hash holds as long as inode, size, time of the content and time of the inode stay. No program can set the
    last one.

    memory: the file with the kept hashes. A missing or damaged one is made anew; one that cannot be written is no
        error.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._kept = _read(memory)

    def of(self, paths: Iterable[str]) -> str:
        """One text that changes with the content or the number of the files, not with their names and times."""
        return sha256("\n".join(map(self._hash, paths)).encode()).hexdigest()[:16]

    def _hash(self, path: str) -> str:
        """The sha256 of a file; a word for one that cannot be read, since the step that reads it says so better."""
        try:
            before, start = os.stat(path), time.time_ns()
            kept = self._kept.get(os.path.abspath(path))
            if kept and kept[:-1] == _state(before):
                return kept[-1]
            value = file_hash(Path(path))
            if _state(before) == _state(os.stat(path)):
                self._keep(path, before, start, value)
        except OSError:
            return "unreadable"
        return value

    def _keep(self, path: str, status: os.stat_result, now: int, value: str) -> None:
        if status.st_size < _LARGE or now - max(status.st_mtime_ns, status.st_ctime_ns) < _MOMENT:
            return
        # Jobs of a cluster ask at the same time, so what others kept meanwhile is read again.
        self._kept = _read(self._memory) | self._kept | {os.path.abspath(path): [*_state(status), value]}
        try:
            write_json(self._memory, self._kept)
        except (OSError, InputError):
            return


def _state(status: os.stat_result) -> list[int]:
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _read(memory: Path) -> dict[str, list[Any]]:
    try:
        kept = read_json(memory)
    except (OSError, InputError):
        return {}
    entries = kept.items() if isinstance(kept, dict) else ()
    return {path: entry for path, entry in entries if isinstance(entry, list) and len(entry) == 5}
