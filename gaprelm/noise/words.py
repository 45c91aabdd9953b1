"""Words that are taken for other words of the same sound: 权利 for 权力, 反映 for 反应."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from math import log
from operator import add

from gaprelm.characters import HAN_CLASS
from gaprelm.noise.confusion import readings

WORD_LENGTH = 2
_RUNS = re.compile(f"{HAN_CLASS}{{2,}}")
_LEAST_COUNT = 3
_LEAST_INFORMATION = log(20)
_LEAST_NEIGHBOURS = 3


def find_words(sentences: Sequence[str]) -> dict[str, int]:
    """Words of two characters and how often they occur.

    There is no dictionary. Neighbours with a pointwise mutual information of at least log 20 that occur three times or
    more (Church and Hanks 1990, word association norms) are words where at least three different characters stand
    before them and after them (Feng et al. 2004, accessor variety), which sorts out pieces of longer words.
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
        # The edge of a stretch is a neighbour of its own each time.
        framed = (f"<{number}", *run, f">{number}")
        for place, pair in enumerate(map(add, run, run[1:])):
            if pair in likely:
                before[pair].add(framed[place])
                after[pair].add(framed[place + 3])
    free = (pair for pair in sorted(likely) if min(len(before[pair]), len(after[pair])) >= _LEAST_NEIGHBOURS)
    return {pair: likely[pair] for pair in free}


def _runs(sentences: Iterable[str]) -> Iterator[str]:
    """Stretches of two or more Chinese characters."""
    for sentence in sentences:
        yield from _RUNS.findall(sentence)


class WordConfusions:
    """For a word, others of the same syllables (tones left out), the commoner the likelier.

    Args:
        sentences: the text in which the words are looked for.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        words = find_words(sentences)
        by_sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for word in words:
            if all(readings(word)):
                by_sound[readings(word)].append(word)
        self._others: dict[str, tuple[list[str], list[int]]] = {}
        for group in by_sound.values():
            for word in group:
                others = [other for other in group if other != word]
                if others:
                    self._others[word] = others, list(accumulate(words[other] for other in others))

    def of(self, word: str) -> Sequence[str]:
        """The other words of its sound; empty where it is no word or there are none."""
        return self._others[word][0] if word in self._others else ()

    def choose(self, word: str, chance: float) -> str:
        """One of ``of``, by frequency; ``chance`` is a draw from 0 to 1."""
        others, sums = self._others[word]
        return others[bisect(sums, chance * sums[-1], hi=len(sums) - 1)]
