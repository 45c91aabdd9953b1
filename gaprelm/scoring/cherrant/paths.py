"""Paths through a lattice: the alignments that ChERRANT writes, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gaprelm.scoring.cherrant.lattice import DELETE, INSERT, MATCH, SUBSTITUTE, TRANSPOSE, Lattice

# If the lengths differ by more than this, the official tool follows only the first operation of every cell.
_LARGEST_DIFFERENCE = 10
_ORDER = (TRANSPOSE, SUBSTITUTE, INSERT, DELETE)
_KINDS = {TRANSPOSE: "T", SUBSTITUTE: "S", INSERT: "I", DELETE: "D"}


class Step(NamedTuple):
    """An operation other than M: source tokens start..end become target tokens first..last (ends exclusive)."""

    kind: str
    start: int
    end: int
    first: int
    last: int


def cheapest_paths(lattice: Lattice, first_only: bool = False) -> Iterator[list[Step]]:
    """Every cheapest path, as its steps from left to right. Tokens between steps that do not touch are matches.

    The search is depth-first from the end, with the operations of a cell in the order T, S, I, D.

    Args:
        first_only: give only the first path, as always if the lengths differ by more than ten.
    """
    first_only = first_only or abs(lattice.rows - lattice.columns) > _LARGEST_DIFFERENCE
    pending: list[tuple[int, int, tuple | None]] = [(lattice.rows, lattice.columns, None)]
    while pending:
        i, j, later = pending.pop()
        while i and j:
            flags = lattice.at(i, j)
            if flags == MATCH:
                i, j = i - 1, j - 1
                continue
            options = [flag for flag in _ORDER if flags & flag]
            if not first_only:
                for flag in reversed(options[1:]):
                    pending.append(_taken(lattice, flag, i, j, later))
            i, j, later = _taken(lattice, options[0], i, j, later)
        while i:
            i, j, later = _taken(lattice, DELETE, i, j, later)
        while j:
            i, j, later = _taken(lattice, INSERT, i, j, later)
        yield _as_list(later)
        if first_only:
            return


def _taken(lattice: Lattice, flag: int, i: int, j: int, later: tuple | None) -> tuple[int, int, tuple]:
    """The cell that an operation comes from, and the path with this operation prepended."""
    span = lattice.spans[i, j] if flag == TRANSPOSE else 1
    start = i if flag == INSERT else i - span
    first = j if flag == DELETE else j - span
    return start, first, (Step(_KINDS[flag], start, i, first, j), later)


def _as_list(path: tuple | None) -> list[Step]:
    steps = []
    while path:
        step, path = path
        steps.append(step)
    return steps
