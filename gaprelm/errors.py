"""Errors that a user can act on: what was found, where, what was expected, and the cure."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Callable, Collection, Mapping, Sized
from dataclasses import dataclass
from pathlib import Path
from reprlib import Repr

from gaprelm.extras import EXTRA_OF, is_installed, not_installed

# Control characters, marks of the direction of writing, and halves of surrogate pairs, which cannot be written.
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

EXIT_WARNINGS = 1
EXIT_BAD_INPUT = 2
EXIT_FAULT = 70  # EX_SOFTWARE of sysexits.h; Python's own 1 would read as "done, with warnings"
EXIT_INTERRUPTED = 130
# Values with more parts are shown shortened.
_MOST_PARTS = 10_000
_SHORT = Repr()
_SHORT.maxlevel = 3


class GapReLMError(Exception):
    """Base of every error that is the input's fault; its text is the whole message."""


class ConfigurationError(GapReLMError):
    """A configuration key, or a combination of keys, that cannot be run."""


class CheckpointError(GapReLMError):
    """A model directory that cannot be used for what was asked."""


@dataclass(frozen=True)
class Problem:
    """One bad record of a data file.

    Readers yield problems beside records, so that the caller decides whether the first one ends the
    run (``on_bad_record: error``) or each is counted and left out (``on_bad_record: skip``).

    warning: the record is odd, but it is used as it is or without its references; a warning never ends a run.
    """

    path: Path
    line: int
    found: str
    expected: str
    record_id: str | None = None
    warning: bool = False

    def __str__(self) -> str:
        name = f" (record {self.record_id})" if self.record_id else ""
        return f"{self.path}:{self.line}{name}: found {self.found}; expected {self.expected}"


class InputError(GapReLMError):
    """A file or record that cannot be read."""

    @classmethod
    def from_problem(cls, problem: Problem) -> InputError:
        return cls(f"{problem}\n  cure: mend the record, or set on_bad_record=skip to leave such records out")


def shown(value: object, limit: int = 60) -> str:
    """``value`` for a message: control characters are escaped, long text is cut in the middle."""
    if isinstance(value, str) and len(value) > 2 * limit:  # what is cut off need not be escaped
        return f"{repr(value[:limit])[: limit // 2]}…{repr(value[-limit:])[-limit // 2 :]}"
    if isinstance(value, str):
        text = repr(value)
    else:
        try:
            text = f"{type(value).__name__} {_SHORT.repr(value) if _is_large(value) else repr(value)}"
        except RecursionError:
            text = f"{type(value).__name__}, nested too deeply to be shown"
    return text if len(text) <= limit else f"{text[: limit // 2]}…{text[-limit // 2 :]}"


def _is_large(value: object) -> bool:
    """Whether a value holds so much, perhaps one thing many times, that to write it out takes long."""
    rest, parts = [value], 0
    while rest:
        item = rest.pop()
        parts += 1 + (len(item) if isinstance(item, Sized) else 0)
        if parts > _MOST_PARTS:
            return True
        if isinstance(item, Mapping):
            rest += [*item.keys(), *item.values()]
        elif isinstance(item, Collection) and not isinstance(item, str | bytes | bytearray):
            rest += item
    return False


def printable(text: str) -> str:
    """``text`` for a terminal: whatever could steer it, or turn the writing round, becomes an escape such as \\u001b.

    Line ends and tabs stay. The escapes are JSON's, so that a document stays the same document.
    """
    return _STEERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def counted(number: int, what: str) -> str:
    """``1 column``, ``2 columns``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def require(*modules: str) -> None:
    """Check that packages are installed that come only with an extra of this one.

    Raises:
        ConfigurationError: a package is not installed; the message names the extra.
    """
    for module in modules:
        if not is_installed(module):
            raise ConfigurationError(not_installed(module))


def run_command(main: Callable[[], int | None]) -> int:
    """Run ``main`` and turn errors into one message on stderr and an exit code.

    Returns 0 or what ``main`` returns; 2 for bad input or usage, or if an extra is not installed; 70 with a traceback
    for a bug of the program; 130 when interrupted.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return main() or 0
    except GapReLMError as error:
        sys.stderr.write(printable(f"error: {error}\n"))
        return EXIT_BAD_INPUT
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRA_OF:
            traceback.print_exc()
            return EXIT_FAULT
        sys.stderr.write(f"error: {not_installed(module)}\n")
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        raise
    except OSError as error:
        # Full disks, missing permissions: the system's own words name the file.
        message = printable(f"error: {error}")
        sys.stderr.write(f"{message}\n  cure: see that the file can be read or written, and that there is room\n")
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return EXIT_INTERRUPTED
    except Exception:
        traceback.print_exc()
        return EXIT_FAULT
