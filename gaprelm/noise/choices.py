"""Draws in proportion to weights."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate


class Choices(list[str]):
    """Texts to choose from, in the order given.

    Args:
        weights: for each text how likely it is, in proportion to the others.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        super().__init__(weights)
        self._sums = list(accumulate(weights.values()))

    @property
    def total(self) -> float:
        """The sum of the weights."""
        return self._sums[-1] if self._sums else 0

    def choose(self, chance: float) -> str:
        """One of the texts, of which there must be one; ``chance`` is a draw from 0 to 1."""
        return self[bisect(self._sums, chance * self._sums[-1], hi=len(self) - 1)]
