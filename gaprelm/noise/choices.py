"""Draws in proportion to weights."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
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


class Lengths:
    """How many characters an error has.

    Args:
        weights: of the lengths 1, 2, 3, …, in proportion to each other; none: always one character.
    """

    def __init__(self, weights: Sequence[float] = ()) -> None:
        self._sums = list(accumulate(weights)) or [1.0]

    def draw(self, chance: float) -> int:
        """A length of at least 1; ``chance`` is a draw from 0 to 1."""
        return 1 + bisect(self._sums, chance * self._sums[-1], hi=len(self._sums) - 1)
