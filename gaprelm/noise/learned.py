"""Errors that follow the statistics of real errors."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate

from gaprelm.noise import settings as names
from gaprelm.noise.choices import Choices, Lengths
from gaprelm.noise.confusion import SoundConfusions
from gaprelm.noise.kinds import (
    Change,
    Kind,
    context_kind,
    in_runs,
    may_stand_between,
    missing_kind,
    repeated_kind,
    swapped,
)
from gaprelm.noise.plan import Plan
from gaprelm.noise.punctuation import marks_kind
from gaprelm.noise.statistics import LENGTH_STEP, NoiseStatistics

# Smoothing: each character counts as seen so many more times, with errors at the average rate, since few counts say
# little.
_PRIOR_OCCURRENCES = 50
# Smoothing: beside the mistakes counted for a character, so many with a character of the same sound.
_PRIOR_MISTAKES = 1
_REDRAWS = 8
_IN_RUNS = (names.WRONG, names.MISSING, names.REPEATED, names.CONTEXT)


def learned_plan(
    statistics: NoiseStatistics, characters: Collection[str], sounds: SoundConfusions, max_errors: int
) -> Plan:
    """A plan whose kinds have the shares of the statistics, and change characters as often as the statistics say.

    Args:
        characters: the characters that may be written by mistake.
        sounds: confusions for characters of which the statistics know few mistakes.
        max_errors: the most errors in a sentence.
    """
    lengths = {kind: _lengths(statistics.runs.get(kind, Counter())) for kind in _IN_RUNS}
    kinds = {
        names.WRONG: in_runs(_wrong(statistics, characters, sounds), lengths[names.WRONG]),
        names.MISSING: missing_kind(lengths[names.MISSING]),
        names.REPEATED: repeated_kind(lengths[names.REPEATED]),
        names.CONTEXT: _redundant(statistics.context, characters, lengths[names.CONTEXT]),
        names.SWAPPED: swapped,
        names.PUNCTUATION: marks_kind(statistics.punctuation, characters),
    }
    errors = statistics.errors
    shares = {name: errors[name] / sum(errors.values()) for name in kinds if errors[name]}
    counts = {
        names.WRONG: {text: others.total() for text, others in statistics.wrong.items()},
        names.MISSING: statistics.missing,
        names.REPEATED: _first_characters(statistics.repeated),
        names.SWAPPED: statistics.swapped,
    }
    rates = {name: _rate(of, statistics.occurrences) for name, of in counts.items() if name in shares}
    numbers = LearnedNumbers(statistics.numbers, max_errors)
    return Plan(kinds, shares, numbers, rates, min(1.0, statistics.touching_share))


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


def _lengths(counts: Counter[int]) -> Lengths:
    return Lengths([counts[length] for length in range(1, max(counts, default=0) + 1)])


def _first_characters(texts: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text, count in texts.items():
        counts[text[0]] += count
    return counts


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


def _redundant(counts: Counter[str], characters: Collection[str], lengths: Lengths) -> Kind:
    """Inserts a redundant text, each as often as people do; one of the text around where that repeats a neighbour."""
    others = Choices({text: count for text, count in counts.items() if all(c in characters for c in text)})
    around = context_kind(lengths)

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        for _ in range(_REDRAWS if others else 0):
            text = others.choose(draw())
            if may_stand_between(sentence[place : place + 2], text):
                return Change(place + 1, place + 1, text)
        return around(draw, sentence, place, states)

    return change
