"""What others can make the service log is bounded, so that a flood of bad requests does not fill the disk."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# The loggers that requests reach.
_LOGGERS = ("asyncio", "uvicorn.error", "gaprelm.service.middleware", "gaprelm.service.batching")


class OncePerSecond(logging.Filter):
    """Lets one record a second through from each place of the code; the next one says how many were left out.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is logged."""
        place, now = (record.pathname, record.lineno), self._clock()
        last, left_out = self._last.get(place, (float("-inf"), 0))
        if now - last < 1:
            self._last[place] = (last, left_out + 1)
            return False
        self._last[place] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} ({left_out} more of these were left out)"
        return True


@contextmanager
def bounded_logs() -> Iterator[None]:
    """In the block, the loggers that requests reach log one line a second."""
    limit = OncePerSecond()
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(limit)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(limit)
