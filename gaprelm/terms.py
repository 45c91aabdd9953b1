"""Looking for many words at once, with an automaton of Aho and Corasick (1975)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

_SURROGATE = re.compile("[\ud800-\udfff]")


class Terms:
    """A set of words to look for; the time of a search hardly depends on how many they are.

    Args:
        words: not empty.
        longest: report no two matches that overlap: the leftmost, of these the longest; by default all matches.
    """

    def __init__(self, words: tuple[str, ...], longest: bool = False) -> None:
        self._words, self._overlapping = words, not longest
        kind = MatchKind.LeftmostLongest if longest else MatchKind.Standard
        self._automaton = AhoCorasick(words, matchkind=kind) if words else None

    def __reduce__(self) -> tuple:
        # The automaton cannot be pickled, which what loads training data in processes of its own asks for.
        return Terms, (self._words, not self._overlapping)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end (exclusive, code points) and word of each match."""
        if self._automaton is None:
            return
        try:
            matches = self._automaton.find_matches_as_indexes(text, overlapping=self._overlapping)
        except UnicodeEncodeError:
            # A lone surrogate is in no word; the automaton, which reads UTF-8, gets something else that is in none.
            text = _SURROGATE.sub("\0", text)
            matches = self._automaton.find_matches_as_indexes(text, overlapping=self._overlapping)
        for index, start, end in matches:
            yield start, end, self._words[index]


@lru_cache(maxsize=4)
def terms(words: tuple[str, ...], longest: bool = False) -> Terms:
    """As ``Terms``; those that were last asked for are kept, so that every request may bring its own words."""
    return Terms(words, longest)
