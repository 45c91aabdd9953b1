"""The edit of an M2 file."""

from __future__ import annotations

from typing import NamedTuple

NOOP, NA = "noop", "NA"
NO_CORRECTION = "-NONE-"


class TypedEdit(NamedTuple):
    """Source tokens start..end (end exclusive) become ``correction``.

    type: ``M`` missing, ``R`` redundant, ``S`` substituted, ``W`` word order; ``noop`` and ``NA`` with -1, -1.
    correction: tokens with a blank between them, ``-NONE-`` if there are none.
    """

    start: int
    end: int
    type: str
    correction: str
