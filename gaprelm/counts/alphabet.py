"""Characters to the small ids by which n-grams are counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np

# Ids have 13 bits, so that four of them fit a key of 64 bits.
BITS = 13
MOST_CHARACTERS = (1 << BITS) - 1
UNKNOWN = 0
# The edge of a text counts as the end of a sentence: what may begin after a full stop may begin a text.
BOUNDARY = 1
BOUNDARY_CHARACTER = "。"
_CODE_POINTS = 0x110000
_MARKS = dict(zip(",?!:;()", "，？！：；（）", strict=True))
_LETTER, _DIGIT = "a", "0"


def folded(character: str) -> str:
    """What a character counts as: all digits as 0, all Latin letters as a, half-width marks as Chinese ones."""
    plain = unicodedata.normalize("NFKC", character) if 0xFF01 <= ord(character) <= 0xFF5E else character
    if plain.isspace():
        return " "
    if plain.isascii():
        if plain.isalpha():
            return _LETTER
        return _DIGIT if plain.isdigit() else _MARKS.get(plain, plain)
    return character


class Alphabet:
    """Characters and their ids: 0 is every unknown character, 1 the full stop and the edge of a text.

    Args:
        characters: in the order of their ids, from 1; the first is ``。``.
    """

    def __init__(self, characters: str) -> None:
        if not characters.startswith(BOUNDARY_CHARACTER) or len(characters) > MOST_CHARACTERS:
            raise ValueError(
                f"an alphabet of {len(characters)} characters that starts with {characters[:1]!r}; expected at most "
                f"{MOST_CHARACTERS}, the first of them {BOUNDARY_CHARACTER!r}"
            )
        self.characters = characters
        known = {character: index for index, character in enumerate(characters, 1)}
        self._ids = np.zeros(_CODE_POINTS, dtype=np.uint16)
        for character, index in known.items():
            self._ids[ord(character)] = index
        for code in (*range(0x100), 0x3000, *range(0xFF01, 0xFF5F)):
            self._ids[code] = known.get(folded(chr(code)), UNKNOWN)

    @classmethod
    def from_counts(cls, counts: np.ndarray, size: int, required: Iterable[str] = ()) -> Alphabet:
        """The most frequent characters, ties by code point.

        Args:
            counts: (0x110000,) how often each code point occurs.
            size: most characters.
            required: characters that are in it whatever their count.
        """
        merged = np.zeros(_CODE_POINTS, dtype=np.int64)
        for code in np.flatnonzero(counts):
            merged[ord(folded(chr(code)))] += counts[code]
        first = [BOUNDARY_CHARACTER, *sorted({folded(c) for c in required} - {BOUNDARY_CHARACTER})]
        frequent = np.argsort(-merged, kind="stable")[: np.count_nonzero(merged)]
        chosen = dict.fromkeys([*first, *(chr(code) for code in frequent if not chr(code).isspace() or code == 32)])
        keep = list(chosen)[:size]
        return cls(BOUNDARY_CHARACTER + "".join(sorted(keep[1:], key=lambda c: (-merged[ord(c)], c))))

    def __len__(self) -> int:
        """The number of ids, unknown included."""
        return len(self.characters) + 1

    def character(self, index: int) -> str:
        """The character of an id; U+FFFD for the unknown."""
        return self.characters[index - 1] if index else "\ufffd"

    def encode(self, text: str) -> np.ndarray:
        """(characters,) uint16: an id a code point."""
        return self.of_code_points(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))

    def of_code_points(self, codes: np.ndarray) -> np.ndarray:
        """The ids of an array of code points."""
        return self._ids[codes]

    def of_tokens(self, tokens: Sequence[str]) -> np.ndarray:
        """(tokens,) the ids of a model's tokens, by which its own ids become these; 0 where one is no character."""
        return np.array([self._ids[ord(token)] if len(token) == 1 else UNKNOWN for token in tokens], dtype=np.uint16)
