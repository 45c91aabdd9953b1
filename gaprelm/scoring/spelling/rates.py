"""Counts of right and wrong decisions over sentences or characters, and the rates computed from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


def ratio(part: float, whole: float) -> float:
    """part / whole; NaN for 0 / 0, as the official SIGHAN scorers print it."""
    return part / whole if whole else math.nan


def harmonic_mean(precision: float, recall: float) -> float:
    """F1 = 2 P R / (P + R); NaN if one of them is, and for 0 / 0."""
    if math.isnan(precision) or math.isnan(recall):
        return math.nan
    return ratio(2 * precision * recall, precision + recall)


def rounded(value: float, digits: int = 4) -> float | None:
    """The value rounded half up, as the official SIGHAN scorers do; None (null in JSON) for NaN."""
    if math.isnan(value):
        return None
    return float(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


@dataclass(frozen=True)
class Rates:
    """accuracy, precision, recall and f1, each from 0 to 1, or NaN if it is 0 / 0."""

    accuracy: float
    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, accuracy: float, precision: float, recall: float) -> Rates:
        """With F1 from the unrounded precision and recall."""
        return cls(accuracy, precision, recall, harmonic_mean(precision, recall))

    def as_dict(self) -> dict[str, float | None]:
        """For JSON: four digits, null if it is not defined."""
        return {name: rounded(getattr(self, name)) for name in ("accuracy", "precision", "recall", "f1")}


@dataclass(frozen=True)
class Confusion:
    """How many were found (tp), wrongly flagged (fp), rightly left alone (tn) and missed (fn)."""

    tp: int = 0
    fp: int = 0
    tn: int = 0
    fn: int = 0

    def rates(self) -> Rates:
        """Accuracy (tp + tn) / all, precision tp / (tp + fp), recall tp / (tp + fn), F1."""
        return Rates.of(
            ratio(self.tp + self.tn, self.tp + self.fp + self.tn + self.fn),
            ratio(self.tp, self.tp + self.fp),
            ratio(self.tp, self.tp + self.fn),
        )

    @property
    def false_positive_rate(self) -> float:
        """fp / (fp + tn)."""
        return ratio(self.fp, self.fp + self.tn)
