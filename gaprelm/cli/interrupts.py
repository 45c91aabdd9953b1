"""Ctrl-C while nothing has been done that could be left half done."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_INTERRUPTED = 130  # as gaprelm.errors.EXIT_INTERRUPTED; nothing of the package is imported before Ctrl-C counts


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Until the block ends, Ctrl-C ends the process at once, without a word, with exit code 130.

    For imports and models that are loaded: there an exception shows a traceback, or gets lost in a C extension.
    Where interrupts are ignored (nohup), they stay so.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def without_interrupts() -> None:
    """From here on Ctrl-C does nothing: all is done, and Python only tidies up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: Any) -> None:
    os._exit(_INTERRUPTED)
