"""Characters that are taken for each other because they sound alike (through pypinyin)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from gaprelm.characters import is_han
from gaprelm.edits.similarity import near_syllables, syllables


class SoundConfusions:
    """For a character, those of an inventory with the same or a near sound.

    Args:
        texts: sentences; the Chinese characters in them are the inventory, so that wrong characters are ones
            that people really write, and no character betrays itself by being unknown.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        inventory = sorted({character for text in texts for character in text if is_han(character)})
        self._by_syllable: dict[str, list[str]] = defaultdict(list)
        for character in inventory:
            for syllable in syllables(character):
                self._by_syllable[syllable].append(character)
        self._cache: dict[str, tuple[list[str], list[str]]] = {}

    def of(self, character: str) -> tuple[list[str], list[str]]:
        """(characters of the same sound, characters of a near sound), each sorted, without ``character`` itself."""
        if character not in self._cache:
            readings = syllables(character)
            same = {c for syllable in readings for c in self._by_syllable.get(syllable, ())}
            near = {
                c
                for syllable in readings
                for other in near_syllables(syllable)
                for c in self._by_syllable.get(other, ())
            }
            self._cache[character] = (sorted(same - {character}), sorted(near - same - {character}))
        return self._cache[character]
