"""Errors that follow the statistics of real errors."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate

from gaprelm.noise import settings as names
from gaprelm.noise.choices import Choices
from gaprelm.noise.confusion import SoundConfusions
from gaprelm.noise.kinds import Change, Kind, context, missing, repeated, swapped
from gaprelm.noise.plan import Plan
from gaprelm.noise.statistics import LENGTH_STEP, NoiseStatistics

# Smoothing: each character counts as seen so many more times, with errors at the average rate, since few counts say
# little.
_PRIOR_OCCURRENCES = 50
# Smoothing: beside the mistakes counted for a character, so many with a character of the same sound.
_PRIOR_MISTAKES = 1
_REDRAWS = 8


def learned_plan(
    statistics: NoiseStatistics, characters: Collection[str], sounds: SoundConfusions, max_errors: int
) -> Plan:
    """A plan whose kinds have the shares of the statistics, and change characters as often as the statistics say.

    Args:
        characters: the characters that may be written by mistake.
        sounds: confusions for characters of which the statistics know few mistakes.
        max_errors: the most errors in a sentence.
    """
    kinds = {
        names.WRONG: _wrong(statistics, characters, sounds),
        names.MISSING: missing,
        names.REPEATED: repeated,
        names.CONTEXT: _redundant(statistics.context, characters),
        names.SWAPPED: swapped,
    }
    errors = statistics.errors
    shares = {name: errors[name] / sum(errors.values()) for name in kinds if errors[name]}
    counts = {
        names.WRONG: {text: others.total() for text, others in statistics.wrong.items()},
        names.MISSING: statistics.missing,
        names.REPEATED: statistics.repeated,
        names.SWAPPED: statistics.swapped,
    }
    rates = {name: _rate(of, statistics.occurrences) for name, of in counts.items() if name in shares}
    return Plan(kinds, shares, LearnedNumbers(statistics.numbers, max_errors), rates)


class LearnedNumbers:
    """As many errors as real sentences of about the same length have.

    Args:
        numbers: counts by length, as in ``NoiseStatistics``.
        most: the largest number; counts of larger ones are ignored.
    """

    def __init__(self, numbers: Mapping[int, Counter[int]], most: int) -> None:
        self._by_length = {}
        for length, counts in numbers.items():
            kept = [counts[number] for number in range(1, most + 1)]
            if sum(kept):
                self._by_length[length] = list(accumulate(kept))

    def draw(self, length: int, chance: float) -> int:
        """The number of a sentence of ``length`` characters; ``chance`` is a draw from 0 to 1."""
        if not self._by_length:
            return 1
        sums = self._by_length.get(length // LENGTH_STEP * LENGTH_STEP)
        if sums is None:
            sums = self._by_length[min(self._by_length, key=lambda known: (abs(known - length), known))]
        return 1 + bisect(sums, chance * sums[-1], hi=len(sums) - 1)


def _rate(counts: Mapping[str, int], occurrences: Counter[str]) -> Callable[[str], float]:
    """Errors per occurrence of a character, shrunk towards the average of all characters."""
    average = sum(counts.values()) / max(1, occurrences.total())
    rates = {
        character: (counts.get(character, 0) + average * _PRIOR_OCCURRENCES) / (seen + _PRIOR_OCCURRENCES)
        for character, seen in occurrences.items()
    }
    return lambda character: rates.get(character, average)


def _wrong(statistics: NoiseStatistics, characters: Collection[str], sounds: SoundConfusions) -> Kind:
    """Replaces a character by what people wrote for it, or now and then by a character of the same sound."""
    choices: dict[str, Choices] = {}
    for text, counts in statistics.wrong.items():
        others = {other: count for other, count in counts.items() if other in characters}
        if others:
            choices[text] = Choices(others)

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        others = choices.get(sentence[place])
        if others and draw() < others.total / (others.total + _PRIOR_MISTAKES):
            return Change(place, place + 1, others.choose(draw()))
        same, near = sounds.at(sentence, place)
        candidates = same or near or others
        return Change(place, place + 1, candidates.choose(draw())) if candidates else None

    return change


def _redundant(counts: Counter[str], characters: Collection[str]) -> Kind:
    """Inserts a redundant character, each as often as people do; never one equal to a neighbour."""
    others = Choices({character: count for character, count in counts.items() if character in characters})

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        for _ in range(_REDRAWS if others else 0):
            character = others.choose(draw())
            if character not in sentence[place : place + 2]:
                return Change(place + 1, place + 1, character)
        return context(draw, sentence, place, states)

    return change
