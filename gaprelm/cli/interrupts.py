"""Ctrl-C while nothing has been done that could be left half done.

Only what Python has loaded by itself is imported here, since nothing is silent before this is loaded.
"""

from __future__ import annotations

import os
import signal

_INTERRUPTED = 130  # as gaprelm.errors.EXIT_INTERRUPTED


class LeavingAtOnce:
    """Until the block ends, Ctrl-C ends the process at once, without a word, with exit code 130.

    For imports and models that are loaded: there an exception shows a traceback, or gets lost in a C extension.
    Where interrupts are ignored (nohup), or the thread is not the main one, nothing changes.
    """

    def __enter__(self) -> None:
        self._changed = False
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            try:
                signal.signal(signal.SIGINT, _leave)
                self._changed = True
            except ValueError:  # not the main thread
                pass

    def __exit__(self, *_: object) -> None:
        if self._changed:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def without_interrupts() -> None:
    """From here on Ctrl-C does nothing: all is done, and Python only tidies up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: object) -> None:
    os._exit(_INTERRUPTED)
