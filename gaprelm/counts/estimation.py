"""Counts to probabilities: interpolated absolute discounting, pruned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaprelm.counts.alphabet import BITS
from gaprelm.counts.counting import Counted

_SUFFIX_MASKS = [(1 << (BITS * n)) - 1 for n in range(5)]


@dataclass(frozen=True)
class Level:
    """The n-grams of one order.

    keys: (n,) ascending.
    log_probabilities: (n,) natural logarithm of p(last character | the others).
    backoffs: (n,) natural logarithm of the factor for what is not listed after this n-gram; 0 where nothing is.
    counts: (n,) how often each occurs.
    """

    keys: np.ndarray
    log_probabilities: np.ndarray
    backoffs: np.ndarray
    counts: np.ndarray


def estimate(counted: Sequence[Counted], size: int, least: Sequence[int], kneser_ney: bool = True) -> list[Level]:
    """Probabilities of n-grams, those that are too rare left out and their share given to the shorter n-gram.

    Interpolated with three discounts an order (Chen and Goodman 1999, modified Kneser-Ney); what is pruned goes into
    the back-off factors, so that every context still sums to 1 (as Katz back-off files have it).

    Args:
        counted: keys and counts of each order, from 1.
        size: number of ids.
        least: for each order the smallest count that is kept.
        kneser_ney: lower orders from the number of different characters that stand before (Kneser and Ney 1995); else
            from the counts.
    """
    levels: list[Level] = []
    for n, (keys, counts) in enumerate(counted, 1):
        lower_order = kneser_ney and n < len(counted)
        weights = _continuations(counted[n][0], keys, n) if lower_order else counts
        if n == 1:
            levels.append(_unigrams(keys, counts, weights, size))
            continue
        lower = levels[-1]
        below = _lower_log_probability(levels, keys, n)
        log_probabilities, keep = _interpolated(keys, weights, np.exp(below)), counts >= least[n - 1]
        keys, log_probabilities, below = keys[keep], log_probabilities[keep], below[keep]
        levels[-1] = _with_backoffs(lower, keys, log_probabilities, below)
        levels.append(Level(keys, log_probabilities, np.zeros(len(keys)), counts[keep]))
    return levels


def _unigrams(keys: np.ndarray, counts: np.ndarray, weights: np.ndarray, size: int) -> Level:
    """Every id, with half an occurrence added."""
    full, seen = np.full(size, 0.5), np.zeros(size, dtype=np.int64)
    full[keys] += weights
    seen[keys] = counts
    return Level(np.arange(size), np.log(full / full.sum()), np.zeros(size), seen)


def _find(keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the wanted keys stand, and which of them do; some other place for a key that is not there."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    index = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return index, keys[index] == wanted


def _continuations(longer: np.ndarray, keys: np.ndarray, n: int) -> np.ndarray:
    """(keys,) the number of different characters that stand before each n-gram."""
    index = np.searchsorted(keys, longer & _SUFFIX_MASKS[n])
    known = index < len(keys)
    return np.maximum(np.bincount(index[known], minlength=len(keys)), 1)


def _lower_log_probability(levels: Sequence[Level], keys: np.ndarray, n: int) -> np.ndarray:
    """log p(last character | the context without its first character), backing off where that is not listed."""
    suffix = keys & _SUFFIX_MASKS[n - 1]
    total = np.zeros(len(keys))
    open_places = np.arange(len(keys))
    for length in range(n - 1, 0, -1):
        level = levels[length - 1]
        wanted = suffix[open_places] & _SUFFIX_MASKS[length]
        index, found = _find(level.keys, wanted)
        total[open_places[found]] += level.log_probabilities[index[found]]
        open_places = open_places[~found]
        if length == 1 or not len(open_places):
            break
        context = (suffix[open_places] & _SUFFIX_MASKS[length]) >> BITS
        below = levels[length - 2]
        index, known = _find(below.keys, context)
        total[open_places[known]] += below.backoffs[index[known]]
    return total


def _interpolated(keys: np.ndarray, counts: np.ndarray, below: np.ndarray) -> np.ndarray:
    """(keys,) log p: the discounted share of the count, and the discounts' share times ``below``."""
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    starts, group = _groups(keys >> BITS)
    totals = np.add.reduceat(counts, starts).astype(np.float64)
    freed = np.add.reduceat(discounts, starts) / totals
    return np.log((counts - discounts) / totals[group] + freed[group] * below)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """(4,) discount of the counts 0, 1, 2, 3 and more."""
    n1, n2, n3, n4 = (max(int(np.count_nonzero(counts == c)), 1) for c in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    found = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    return np.array([0.0, *(min(max(d, 0.1), c - 0.05) for c, d in enumerate(found, 1))])


def _groups(contexts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each context starts in a sorted list, and the number of each entry's context."""
    new = np.ones(len(contexts), dtype=bool)
    new[1:] = contexts[1:] != contexts[:-1]
    return np.flatnonzero(new), np.cumsum(new) - 1


def _with_backoffs(lower: Level, keys: np.ndarray, log_probabilities: np.ndarray, below: np.ndarray) -> Level:
    """The level with the factor of each of its n-grams as a context of ``keys``."""
    contexts = keys >> BITS
    starts, _ = _groups(contexts)
    kept = np.add.reduceat(np.exp(log_probabilities), starts)
    kept_below = np.add.reduceat(np.exp(below), starts)
    backoffs = np.zeros(len(lower.keys))
    index = np.searchsorted(lower.keys, contexts[starts])
    backoffs[index] = np.log(np.maximum(1 - kept, 1e-4) / np.maximum(1 - kept_below, 1e-4))
    return Level(lower.keys, lower.log_probabilities, backoffs, lower.counts)
