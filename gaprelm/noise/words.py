"""Words that are confused with other words of the same sound: 权利 for 权力, 反映 for 反应."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log
from operator import add

from gaprelm.characters import HAN_CLASS
from gaprelm.noise.choices import Choices
from gaprelm.noise.confusion import readings

WORD_LENGTH = 2
_RUNS = re.compile(f"{HAN_CLASS}{{2,}}")
_LEAST_COUNT = 3
_LEAST_INFORMATION = log(20)
_LEAST_NEIGHBOURS = 3


def find_words(sentences: Sequence[str]) -> dict[str, int]:
    """Words of two characters and how often they occur.

    No dictionary is used. Two neighbours are a word if they occur together three times or more, have a pointwise mutual
    information of at least log 20 (Church and Hanks 1990, word association norms), and at least three different
    characters occur before and after them (Feng et al. 2004, accessor variety), which excludes parts of longer words.
    """
    characters: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for run in _runs(sentences):
        characters.update(run)
        pairs.update(map(add, run, run[1:]))
    total = sum(characters.values())
    likely = {
        pair: count
        for pair, count in pairs.items()
        if count >= _LEAST_COUNT
        and pair[0] != pair[1]
        and log(count * total / (characters[pair[0]] * characters[pair[1]])) >= _LEAST_INFORMATION
    }
    before, after = defaultdict(set), defaultdict(set)
    for number, run in enumerate(_runs(sentences)):
        # Each start or end of a run counts as a different neighbour.
        framed = (f"<{number}", *run, f">{number}")
        for place, pair in enumerate(map(add, run, run[1:])):
            if pair in likely:
                before[pair].add(framed[place])
                after[pair].add(framed[place + 3])
    free = (pair for pair in sorted(likely) if min(len(before[pair]), len(after[pair])) >= _LEAST_NEIGHBOURS)
    return {pair: likely[pair] for pair in free}


def _runs(sentences: Iterable[str]) -> Iterator[str]:
    """Runs of two or more Chinese characters."""
    for sentence in sentences:
        yield from _RUNS.findall(sentence)


class WordConfusions:
    """For a word, other words with the same syllables (without tones); frequent words are chosen more often.

    Args:
        sentences: the text in which words are looked for.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        words = find_words(sentences)
        by_sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in words:
            if all(readings(word)):
                by_sound[readings(word)].append(word)
        self._others: dict[str, Choices] = {}
        for group in by_sound.values():
            for word in group:
                others = {other: words[other] for other in group if other != word}
                if others:
                    self._others[word] = Choices(others)

    def of(self, word: str) -> Sequence[str]:
        """The other words with its sound; empty if there are none, or if ``word`` is unknown."""
        return self._others.get(word, ())

    def choose(self, word: str, chance: float) -> str:
        """One of the words of ``of``, in proportion to their frequency; ``chance`` is a draw from 0 to 1."""
        return self._others[word].choose(chance)
