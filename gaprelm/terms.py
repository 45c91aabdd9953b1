"""Searches a text for many words at once, with the automaton of Aho and Corasick (1975)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

_SURROGATE = re.compile("[\ud800-\udfff]")


class Terms:
    """A set of words to look for; the time of a search hardly depends on the number of words.

    Args:
        words: the words, none of them empty.
        longest: report matches that do not overlap: the leftmost, and of these the longest. By default all matches.
    """

    def __init__(self, words: tuple[str, ...], longest: bool = False) -> None:
        self._words, self._overlapping = words, not longest
        kind = MatchKind.LeftmostLongest if longest else MatchKind.Standard
        self._automaton = AhoCorasick(words, matchkind=kind) if words else None

    def __reduce__(self) -> tuple:
        # The automaton cannot be pickled; loading training data in several processes needs an object that can.
        return Terms, (self._words, not self._overlapping)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end (exclusive, code points) and word of each match."""
        if self._automaton is None:
            return
        try:
            matches = self._automaton.find_matches_as_indexes(text, overlapping=self._overlapping)
        except UnicodeEncodeError:
            # The automaton reads UTF-8, which has no lone surrogates. No word contains one, nor the stand-in.
            matches = self._automaton.find_matches_as_indexes(without_surrogates(text), overlapping=self._overlapping)
        for index, start, end in matches:
            yield start, end, self._words[index]


def without_surrogates(text: str) -> str:
    """``text`` with NUL for each lone surrogate, so that a library in Rust can read it; every offset stays."""
    return _SURROGATE.sub("\0", text)


@lru_cache(maxsize=4)
def terms(words: tuple[str, ...], longest: bool = False) -> Terms:
    """As ``Terms``. The last few are cached, so that every request may bring its own words."""
    return Terms(words, longest)
