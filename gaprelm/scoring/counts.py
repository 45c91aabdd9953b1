"""True positives, false positives and false negatives, and the rates computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Types of edits of ChERRANT at character level: missing, redundant, substituted, word order.
TYPES = ("M", "R", "S", "W")


@dataclass(frozen=True)
class Counts:
    """tp: right edits; fp: edits that the reference does not have; fn: edits of the reference that are missing."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """TP / (TP + FP); 1 where nothing was proposed (the convention of ERRANT and ChERRANT)."""
        return self.tp / (self.tp + self.fp) if self.fp else 1.0

    @property
    def recall(self) -> float:
        """TP / (TP + FN); 1 where there was nothing to find."""
        return self.tp / (self.tp + self.fn) if self.fn else 1.0

    def f(self, beta: float) -> float:
        """(1 + beta²) P R / (beta² P + R): beta 0.5 weighs precision double, 2 recall double; 0 where both are 0."""
        denominator = beta * beta * self.precision + self.recall
        return (1 + beta * beta) * self.precision * self.recall / denominator if denominator else 0.0


def sum_by_type(items: Iterable[Mapping[str, Counts]]) -> dict[str, Counts]:
    """Sums of counts by type: ``TYPES`` first, then others that occur."""
    totals = {name: Counts() for name in TYPES}
    for by_type in items:
        for name, counts in by_type.items():
            totals[name] = totals.get(name, Counts()) + counts
    return totals
