"""How alike two characters sound, so that the aligner can pair those that are most likely confused."""

from __future__ import annotations

from functools import cache, lru_cache

SAME_SOUND, NEAR_SOUND, UNLIKE = 0, 1, 2

# Pairs that speakers of many regions do not distinguish (the usual fuzzy-pinyin set of input methods).
_FUZZY_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
_FUZZY_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("iang", "ian"), ("uang", "uan"))


@cache
def syllables(character: str) -> frozenset[str]:
    """All toneless readings of a character; empty if it has none (punctuation, Latin, rare characters)."""
    # Imported on first use, because loading its tables takes longer than starting a command.
    from pypinyin import Style, pinyin

    readings = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return frozenset(reading for reading in readings[0] if reading) if readings else frozenset()


@cache
def near_syllables(syllable: str) -> frozenset[str]:
    """The syllables that are easily confused with ``syllable``: their initials or finals are one of the fuzzy pairs."""
    near = set()
    for long, short in _FUZZY_INITIALS:
        if syllable.startswith(long):
            near.add(short + syllable[len(long) :])
        elif syllable.startswith(short) and not syllable.startswith(short + "h"):
            near.add(long + syllable[len(short) :])
    for long, short in _FUZZY_FINALS:
        if syllable.endswith(long):
            near.add(syllable[: -len(long)] + short)
        elif syllable.endswith(short):
            near.add(syllable[: -len(short)] + long)
    return frozenset(near)


@lru_cache(maxsize=1 << 20)
def dissimilarity(a: str, b: str) -> int:
    """0 for characters that share a reading, 1 if two of their readings are easily confused, else 2."""
    left, right = syllables(a), syllables(b)
    if left & right:
        return SAME_SOUND
    if any(near_syllables(syllable) & right for syllable in left):
        return NEAR_SOUND
    return UNLIKE
