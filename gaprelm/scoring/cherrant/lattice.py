"""Finds all cheapest alignments of many pairs at once: ChERRANT's dynamic programming, on arrays.

The cell (i, j) stands for the first i source tokens and the first j target tokens. If their last tokens are equal, the
only operation is the diagonal step M. Otherwise the cost is the minimum over T (the last k + 1 tokens of both sides are
the same in another order, cost k), S (substitution), I and D (cost 1 each), and every operation that reaches exactly
this minimum is kept. T looks back along the diagonal only as long as every step changed the cost.

This implementation computes only a small part of the cells:

* A common end is cut off: with equal tokens M is the only operation, so nothing before the end depends on it. (A common
  start must not be cut off: of two equal characters the first is inserted or deleted.)
* Only cells near the diagonal count. No cheapest path costs more than ``bound`` = deletions plus insertions without any
  substitution, and a path to diagonal d costs at least |d|. T compares neighbouring costs of up to twice the bound, so
  all cells within 1.5 bounds must be exact.
* Cells with the same i + j do not depend on each other, and pairs do not either: they are computed together.
* A substitution is looked up only if it could be cheaper than I and D. A T is tried only if both last tokens occur in
  the other span; the distance to the nearest occurrence is carried along.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Indel

from gaprelm.scoring.cherrant.substitution import CHEAPEST, SubstitutionCosts

MATCH, TRANSPOSE, SUBSTITUTE, INSERT, DELETE = 1, 2, 4, 8, 16

# Cells of a batch: more do not fit the processor's cache, and fewer need more calls.
_BATCH_CELLS = 1 << 19
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Lattice:
    """The operations that are kept for a pair, without its common end.

    rows, columns: number of source and target tokens that are compared.
    position: place of this pair in its batch.
    diagonals: for each i + j: the operations of the cells of all pairs in the batch, one byte per cell; the number of
        cells per pair; the i of the first cell.
    spans: number of tokens that a T at (i, j) covers.
    """

    rows: int
    columns: int
    position: int
    diagonals: Sequence[tuple[bytes, int, int]]
    spans: dict[tuple[int, int], int]

    def at(self, i: int, j: int) -> int:
        """Operations of a cell, as a sum of flags."""
        cells, width, first = self.diagonals[i + j]
        return cells[self.position * width + i - first]


@dataclass(frozen=True)
class _Task:
    index: int
    source: np.ndarray
    target: np.ndarray
    band: int

    @property
    def cells(self) -> int:
        diagonals = len(self.source) + len(self.target) + 1
        return diagonals * min(self.band + 1, len(self.source) + 1)


def lattices(
    pairs: Sequence[tuple[np.ndarray, np.ndarray]], costs: SubstitutionCosts, most_cells: int
) -> Iterator[tuple[int, Lattice | None]]:
    """The lattice of every pair, in the order in which they are finished.

    Args:
        pairs: indices of source and target tokens in the inventory of ``costs``.
        most_cells: a pair that needs more cells (about 10 bytes each) is given up.

    Returns:
        An index into ``pairs`` and the lattice of that pair, which is None if the pair was given up.
    """
    tasks = []
    for index, (source, target) in enumerate(pairs):
        task = _task(index, source, target)
        if task.cells > most_cells:
            yield index, None
        else:
            tasks.append(task)
    tasks.sort(key=lambda task: (len(task.source) + len(task.target), task.band, task.index))
    batch: list[_Task] = []
    for task in tasks:
        if batch and (len(batch) + 1) * task.cells > _BATCH_CELLS:
            yield from _Batch(batch, costs).run()
            batch = []
        batch.append(task)
    if batch:
        yield from _Batch(batch, costs).run()


def _task(index: int, source: np.ndarray, target: np.ndarray) -> _Task:
    rows, columns = len(source), len(target)
    shorter = min(rows, columns)
    differing = np.flatnonzero(source[rows - shorter :] != target[columns - shorter :])
    common_end = shorter - 1 - int(differing[-1]) if len(differing) else shorter
    source, target = source[: rows - common_end], target[: columns - common_end]
    bound = Indel.distance(source.tolist(), target.tolist())
    return _Task(index, source, target, int(1.5 * bound) + 2)


class _Batch:
    """Pairs of similar size, filled up to the largest: arrays of shape (pairs, i), one for each i + j."""

    def __init__(self, tasks: Sequence[_Task], costs: SubstitutionCosts) -> None:
        self._tasks, self._costs = tasks, costs
        self._rows = max(len(task.source) for task in tasks)
        self._columns = max(len(task.target) for task in tasks)
        self._band = max(task.band for task in tasks)
        pad = len(costs.codes)
        # Two different fillers, so that padding never matches. The costs of padding are never used.
        self._source = _filled([task.source for task in tasks], self._rows, pad)
        target = _filled([task.target for task in tasks], self._columns, pad + 1)
        self._reversed_target = np.ascontiguousarray(target[:, ::-1])
        hashes = _token_hashes(pad + 2)
        self._source_sums, self._target_sums = (_running_sums(hashes[ids]) for ids in (self._source, target))
        self._inventory = pad
        self._history: list[tuple[np.ndarray, int]] = []
        self._runs: deque[tuple[np.ndarray, int]] = deque(maxlen=2)
        self._spans: list[dict[tuple[int, int], int]] = [{} for _ in tasks]

    def run(self) -> Iterator[tuple[int, Lattice]]:
        longest = max(len(task.source) + len(task.target) for task in self._tasks)
        diagonals = []
        for total in range(longest + 1):
            operations, first = self._diagonal(total)
            diagonals.append((operations.tobytes(), operations.shape[1], first))
        for row, task in enumerate(self._tasks):
            yield task.index, Lattice(len(task.source), len(task.target), row, diagonals, self._spans[row])

    def _limits(self, total: int) -> tuple[int, int]:
        """First and last i of the cells with i + j = total that lie in the band."""
        first = max(0, total - self._columns, (total - self._band + 1) // 2)
        last = min(self._rows, total, (total + self._band) // 2)
        return first, last

    def _diagonal(self, total: int) -> tuple[np.ndarray, int]:
        """Fill the cells with i + j = total; returns their operations, (pairs, cells), and the first i."""
        first, last = self._limits(total)
        if total == 0:
            return self._origin()
        left = self._previous(1, first, last)
        above = self._previous(1, first - 1, last - 1)
        diagonal = self._previous(2, first - 1, last - 1)
        runs = _window(*self._runs[-2], first - 1, last - 1, 0) if total > 1 else np.zeros(left.shape, dtype=np.int32)
        insertion, deletion = left + 1, above + 1
        best = np.minimum(insertion, deletion)
        flags = (insertion == best) * np.uint8(INSERT) + (deletion == best) * np.uint8(DELETE)
        same = np.zeros(best.shape, dtype=bool)
        in_row, in_column = self._nearest(first, last)
        low, high = max(first, 1), min(last, total - 1)
        if high >= low:
            inner = slice(low - first, high - first + 1)
            a = self._source[:, low - 1 : high]
            start = self._columns - total + low
            b = self._reversed_target[:, start : start + high - low + 1]
            same[:, inner] = a == b
            unlike = ~same[:, inner]
            self._substitute(a, b, unlike, diagonal[:, inner], best[:, inner], flags[:, inner])
            # T costs at least k, so longer spans than the best cost so far are out of the question.
            reach = np.minimum(runs, best)
            reach = np.where(reach >= np.maximum(in_row, in_column), reach, 0)[:, inner]
            self._transpose(total, low, reach * unlike, best[:, inner], flags[:, inner])
            np.copyto(best, diagonal, where=same)
            np.copyto(flags, np.uint8(MATCH), where=same)
        self._history.append((best, first))
        changed = (best != diagonal) & np.isfinite(diagonal)
        self._runs.append((np.where(changed, runs + 1, 0), first))
        self._matches = (np.where(same, 0, in_row), np.where(same, 0, in_column), first)
        return flags, first

    def _origin(self) -> tuple[np.ndarray, int]:
        """The cell (0, 0), where every path begins."""
        shape = (len(self._tasks), 1)
        self._history.append((np.zeros(shape), 0))
        self._runs.append((np.zeros(shape, dtype=np.int32), 0))
        self._matches = (np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32), 0)
        return np.full(shape, MATCH, dtype=np.uint8), 0

    def _nearest(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """How far back the source token of a cell occurs in the target, and its target token in the source.

        Outside the band this is not known; a match is assumed there.
        """
        in_row, in_column, before = self._matches
        return _window(in_row, before, first, last, 0) + 1, _window(in_column, before, first - 1, last - 1, 0) + 1

    def _substitute(self, a, b, unlike, diagonal, best, flags) -> None:
        """Take S where it is at least as cheap as the best so far; all arguments are (pairs, cells) of one diagonal."""
        hopeful = (diagonal + (CHEAPEST - _ROUNDING) <= best) & unlike
        hopeful &= (a < self._inventory) & (b < self._inventory)
        where = np.nonzero(hopeful)
        if len(where[0]):
            cost = diagonal[where] + self._costs(a[where], b[where])
            _offer(cost, where, SUBSTITUTE, best, flags)

    def _transpose(self, total, first, reach, best, flags) -> None:
        """Take T where it is at least as cheap as the best so far; ``reach`` is the largest k to try, 0 for none."""
        pairs, cells = np.nonzero(reach >= 1)
        i = cells + first
        j = total - i
        reach = reach[pairs, cells]
        difference = self._source_sums[pairs, i] - self._target_sums[pairs, j]
        k = 1
        while len(pairs):
            before_i, before_j = i - k - 1, j - k - 1
            found = self._source_sums[pairs, before_i] - self._target_sums[pairs, before_j] == difference
            if found.any():
                self._take(total, k, (pairs[found], cells[found]), i[found], best, flags)
            k += 1
            # Only the shortest span counts.
            on = np.flatnonzero((reach >= k) & ~found)
            pairs, cells, i, j, reach, difference = (array[on] for array in (pairs, cells, i, j, reach, difference))

    def _take(self, total, k, where, i, best, flags) -> None:
        costs, first = self._history[total - 2 * (k + 1)]
        cost = costs[where[0], i - k - 1 - first] + k
        taken = cost <= best[where]
        _offer(cost, where, TRANSPOSE, best, flags)
        for pair, row in zip(where[0][taken].tolist(), i[taken].tolist(), strict=True):
            self._spans[pair][row, total - row] = k + 1

    def _previous(self, back: int, first: int, last: int) -> np.ndarray:
        """The costs on the diagonal ``back`` before this one, for i = first..last; infinite where there is no cell."""
        if len(self._history) < back:
            return np.full((len(self._tasks), last - first + 1), np.inf)
        return _window(*self._history[-back], first, last, np.inf)


def _offer(cost: np.ndarray, where: tuple, flag: int, best: np.ndarray, flags: np.ndarray) -> None:
    """Enter an operation: in place of the present ones where it is cheaper, beside them where it costs the same."""
    present = best[where]
    best[where] = np.minimum(present, cost)
    flags[where] = np.where(cost < present, flag, np.where(cost == present, flags[where] | flag, flags[where]))


def _window(values: np.ndarray, first: int, low: int, high: int, outside: float) -> np.ndarray:
    """Columns low..high of an array whose first column stands for ``first``; ``outside`` where it has none."""
    last = first + values.shape[1] - 1
    if low >= first and high <= last:
        return values[:, low - first : high - first + 1]
    window = np.full((values.shape[0], high - low + 1), outside, dtype=values.dtype)
    start, stop = max(low, first), min(high, last) + 1
    if stop > start:
        window[:, start - low : stop - low] = values[:, start - first : stop - first]
    return window


def _filled(rows: Sequence[np.ndarray], width: int, filler: int) -> np.ndarray:
    table = np.full((len(rows), width), filler, dtype=np.int32)
    for row, ids in enumerate(rows):
        table[row, : len(ids)] = ids
    return table


def _token_hashes(size: int) -> np.ndarray:
    """A random 64-bit number per token: equal sums mean the same tokens in any order, with an error rate of 2^-64."""
    return np.random.default_rng(size).integers(0, 1 << 63, size=size, dtype=np.int64)


def _running_sums(values: np.ndarray) -> np.ndarray:
    """(pairs, width + 1) sums of the first 0, 1, … values, modulo 2^64."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1), dtype=np.int64)
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
