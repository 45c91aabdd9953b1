"""The work directories, in which stages keep their checkpoints: ``work/STAGE/FINGERPRINT``."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path
from typing import IO

from gaprelm.errors import CheckpointError

logger = logging.getLogger(__name__)


def lock(directory: Path) -> IO[str]:
    """Lock the work directory for this process. The lock lasts as long as the returned file is open.

    Where the file system has no locks, this only warns.

    Raises:
        CheckpointError: another process, named by its pid, is writing there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    handle = (directory / "lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.seek(0)
        raise CheckpointError(
            f"{directory} is being written by process {handle.read().strip() or 'unknown'}\n"
            "  cure: wait for it, or end that process and start again"
        ) from error
    except OSError as error:
        logger.warning("%s: no locks on this file system (%s): do not start the same stage twice", directory, error)
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def is_locked(directory: Path) -> bool:
    """Whether a process is writing there; also true if the file system has no locks, so that one may be."""
    path = directory / "lock"
    if not path.is_file():
        return False
    with path.open("r", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def work_directories(work: Path) -> dict[str, list[Path]]:
    """The work directories of each stage; the one that was written to last comes first."""
    stages = sorted(path for path in work.iterdir() if path.is_dir()) if work.is_dir() else []
    return {
        stage.name: sorted((p for p in stage.iterdir() if p.is_dir()), key=_last_written, reverse=True)
        for stage in stages
    }


def _last_written(directory: Path) -> float:
    return max(path.stat().st_mtime for path in [directory, *directory.iterdir()])


def size_mb(directory: Path) -> float:
    """The size of all files below a directory, in MB."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file()) / 1e6
