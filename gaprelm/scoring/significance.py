"""How far a score, or the difference of two, can be trusted: bootstrap and randomization over sentences.

Sentences with the same counts are interchangeable, so a sample of n sentences is a draw from a multinomial distribution
over the different rows of counts, whose cost does not grow with n. The references stay those chosen on the whole set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_SAMPLES = 1000
_TRIALS = 10_000
_SEED = 12345

Metric = Callable[[np.ndarray], np.ndarray]


def f_beta(beta: float) -> Metric:
    """F-beta of (…, 3) sums of TP, FP, FN; P is 1 without FP, R is 1 without FN, F is 0 if both are 0."""

    def metric(sums: np.ndarray) -> np.ndarray:
        tp, fp, fn = np.moveaxis(sums.astype(float), -1, 0)
        precision = np.where(fp > 0, tp / np.maximum(tp + fp, 1), 1.0)
        recall = np.where(fn > 0, tp / np.maximum(tp + fn, 1), 1.0)
        below = beta * beta * precision + recall
        return np.where(below > 0, (1 + beta * beta) * precision * recall / np.where(below > 0, below, 1), 0.0)

    return metric


@dataclass(frozen=True)
class Difference:
    """The difference between the scores of two systems.

    value: first minus second. low, high: its 95 % interval by paired bootstrap (Koehn 2004).
    p: how often the difference is at least as large when the outputs of the systems are exchanged at random, sentence
        by sentence (approximate randomization, two-sided, Riezler and Maxwell 2005).
    """

    value: float
    low: float
    high: float
    p: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"difference": self.value, "interval": bounds(self.low, self.high), "p": self.p}


def bounds(low: float, high: float) -> dict[str, float]:
    """An interval for JSON."""
    return {"level": 0.95, "low": low, "high": high}


def interval(table: np.ndarray, metric: Metric, seed: int = _SEED) -> tuple[float, float]:
    """95 % interval of a score by bootstrap over sentences (percentiles of 1,000 samples).

    Args:
        table: (sentences, counts) of each sentence.
        metric: from (…, counts) sums to scores.
    """
    if not len(table):
        return float("nan"), float("nan")
    low, high = np.percentile(metric(_bootstrap(table, seed)), [2.5, 97.5])
    return float(low), float(high)


def difference(first: np.ndarray, second: np.ndarray, metric: Metric, seed: int = _SEED) -> Difference:
    """Compare two systems on the same sentences.

    Args:
        first, second: (sentences, counts) of each sentence, in the same order.
        metric: from (…, counts) sums to scores.

    Raises:
        ValueError: the tables have different numbers of sentences.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} sentences; expected the same ones")
    width = first.shape[1]
    value = float(metric(first.sum(0)) - metric(second.sum(0)))
    samples = _bootstrap(np.hstack([first, second]), seed)
    low, high = np.percentile(metric(samples[:, :width]) - metric(samples[:, width:]), [2.5, 97.5])
    rows, times = np.unique(np.hstack([first, second]), axis=0, return_counts=True)
    exchanged = np.random.default_rng(seed).binomial(times, 0.5, size=(_TRIALS, len(rows)))
    moved = exchanged @ (rows[:, width:] - rows[:, :width])
    random = metric(first.sum(0) + moved) - metric(second.sum(0) - moved)
    as_large = int((np.abs(random) >= abs(value) - 1e-12).sum())
    return Difference(value, float(low), float(high), (as_large + 1) / (_TRIALS + 1))


def _bootstrap(table: np.ndarray, seed: int) -> np.ndarray:
    """(samples, counts) sums over samples that are as large as the table, drawn with replacement."""
    rows, times = np.unique(table, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(table), times / len(table), size=_SAMPLES)
    return drawn @ rows
