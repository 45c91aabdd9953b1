"""A plan for making errors: which kinds, how often, how many, and where."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Protocol

from gaprelm.noise.choices import Choices
from gaprelm.noise.kinds import Kind


class Numbers(Protocol):
    """How many errors a sentence gets."""

    def draw(self, length: int, chance: float) -> int:
        """The number for a sentence of ``length`` Chinese characters, at least 1; ``chance`` is a draw from 0 to 1."""
        ...


class Plan:
    """Kinds of errors with their shares.

    Args:
        kinds: the kinds by name.
        shares: the share of each kind in the errors; together 1.
        numbers: how many errors a sentence gets.
        rates: for a kind, how often it changes a character, in proportion to other characters; a kind without rates
            changes all equally often.
        touching: share of the errors after the first of a sentence that touch an earlier one.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        shares: Mapping[str, float],
        numbers: Numbers,
        rates: Mapping[str, Callable[[str], float]] = MappingProxyType({}),
        touching: float = 0.0,
    ) -> None:
        self.kinds, self.shares, self.numbers, self._rates = kinds, dict(shares), numbers, rates
        self.touching = touching
        # How often each kind was drawn, and how often it then found a place.
        self.drawn: Counter[str] = Counter()
        self.placed: Counter[str] = Counter()
        self.draw_kinds(shares)

    def draw_kinds(self, weights: Mapping[str, float]) -> None:
        """Draw kinds in these proportions from now on."""
        self._drawn_from = Choices(weights)

    def kind(self, chance: float) -> str:
        """A kind; ``chance`` is a draw from 0 to 1."""
        return self._drawn_from.choose(chance)

    def order(self, draw: Callable[[], float], kind: str, sentence: str, places: Sequence[int]) -> Iterator[int]:
        """The places in the order in which a kind is tried on them: at random, likely characters first.

        Places whose character the kind never changes are left out.
        """
        rate = self._rates.get(kind)
        if rate is None:
            yield from _shuffled(draw, list(places))
        else:
            rated = [(place, rate(sentence[place])) for place in places]
            yield from _by_weight(draw, [(place, weight) for place, weight in rated if weight > 0])


def _shuffled(draw: Callable[[], float], left: list[int]) -> Iterator[int]:
    while left:
        index = int(draw() * len(left))
        place, left[index] = left[index], left[-1]
        left.pop()
        yield place


def _by_weight(draw: Callable[[], float], left: list[tuple[int, float]]) -> Iterator[int]:
    while left:
        sums = list(accumulate(weight for _, weight in left))
        yield left.pop(bisect(sums, draw() * sums[-1], hi=len(sums) - 1))[0]


class TruncatedPoisson:
    """A Poisson number limited to 1 … ``most``; its parameter is in proportion to the length of the sentence.

    Args:
        characters_per_error: the parameter for a sentence of n characters is n / characters_per_error.
        most: the largest number.
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
