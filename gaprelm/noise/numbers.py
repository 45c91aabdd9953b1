"""How many errors a sentence gets."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate


class TruncatedPoisson:
    """A Poisson number among 1 … most, its parameter in proportion to the length of the sentence.

    Args:
        characters_per_error: the parameter of a sentence of n characters is n / characters_per_error.
        most: largest number.
    """

    def __init__(self, characters_per_error: float, most: int) -> None:
        self._characters_per_error, self._most = characters_per_error, most
        self._sums: dict[int, list[float]] = {}

    def draw(self, length: int, chance: float) -> int:
        """The number of a sentence of ``length`` characters; ``chance`` is a draw from 0 to 1."""
        sums = self._sums.get(length)
        if sums is None:
            sums = self._sums[length] = self._cumulated(length)
        return 1 + bisect(sums, chance * sums[-1], hi=len(sums) - 1)

    def _cumulated(self, length: int) -> list[float]:
        rate, weights = length / self._characters_per_error, [1.0]
        for number in range(2, self._most + 1):
            weights.append(weights[-1] * rate / number)
        return list(accumulate(weights))
