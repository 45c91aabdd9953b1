"""Searches a text for many words at once, with the automaton of Aho and Corasick (1975), or a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

_SURROGATE = re.compile("[\ud800-\udfff]")


# The automaton needs 13 µs and 300 bytes a word. From so many words on a table is used, which needs 1 µs.
_MANY = 20_000
# The table tries every length at every character.
_MOST_LENGTHS = 64

_Search = Callable[[str], Iterable[tuple[int, int, str]]]


class Terms:
    """A set of words to look for; the time of a search hardly depends on the number of words.

    Args:
        words: the words, none of them empty.
        longest: report matches that do not overlap: the leftmost, and of these the longest. By default all matches.
    """

    def __init__(self, words: tuple[str, ...], longest: bool = False) -> None:
        self._words, self._longest = words, longest
        self._search = _search(words, longest)

    def __reduce__(self) -> tuple:
        # The automaton cannot be pickled; loading training data in several processes needs an object that can.
        return Terms, (self._words, self._longest)

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end (exclusive, code points) and word of each match, in no certain order if they may overlap."""
        yield from self._search(text)


def _search(words: tuple[str, ...], longest: bool) -> _Search:
    if not words:
        return lambda text: ()
    if len(words) >= _MANY and len(set(map(len, words))) <= _MOST_LENGTHS:
        return _table_search(words, longest)
    return _automaton_search(words, longest)


def _automaton_search(words: tuple[str, ...], longest: bool) -> _Search:
    automaton = AhoCorasick(words, matchkind=MatchKind.LeftmostLongest if longest else MatchKind.Standard)

    def search(text: str) -> Iterator[tuple[int, int, str]]:
        try:
            matches = automaton.find_matches_as_indexes(text, overlapping=not longest)
        except UnicodeEncodeError:
            # The automaton reads UTF-8, which has no lone surrogates. No word contains one, nor the stand-in.
            matches = automaton.find_matches_as_indexes(without_surrogates(text), overlapping=not longest)
        return ((start, end, words[index]) for index, start, end in matches)

    return search


def _table_search(words: tuple[str, ...], longest: bool) -> _Search:
    table = frozenset(words)
    found: dict[str, set[int]] = {}
    for word in table:
        found.setdefault(word[0], set()).add(len(word))
    # From a first character to the lengths of its words, the longest first.
    lengths = {first: sorted(own, reverse=True) for first, own in found.items()}

    def search(text: str) -> Iterator[tuple[int, int, str]]:
        done = 0
        for start, first in enumerate(text):
            for length in lengths.get(first, ()) if start >= done else ():
                word = text[start : start + length]
                if len(word) == length and word in table:  # at the end of the text a slice is shorter
                    yield start, start + length, word
                    if longest:
                        done = start + length
                        break

    return search


def without_surrogates(text: str) -> str:
    """``text`` with NUL for each lone surrogate, so that a library in Rust can read it; every offset stays."""
    return _SURROGATE.sub("\0", text)


@lru_cache(maxsize=4)
def terms(words: tuple[str, ...], longest: bool = False) -> Terms:
    """As ``Terms``. The last few are cached, so that every request may bring its own words."""
    return Terms(words, longest)
