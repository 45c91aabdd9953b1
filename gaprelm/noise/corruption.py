"""Errors put into a clean sentence, with a fixed mix of types, the same for the same key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from gaprelm.characters import is_han
from gaprelm.noise.confusion import SoundConfusions

WRONG, MISSING, REDUNDANT, SWAPPED = "wrong", "missing", "redundant", "swapped"
ERROR_TYPES = (WRONG, MISSING, REDUNDANT, SWAPPED)


@dataclass(frozen=True)
class NoiseSettings:
    """The mix of errors (keys of ``noise`` in config.yaml).

    mix: share of each error type; the shares add up to 1.
    clean_share: share of sentences that stay as they are.
    near_sound_share: share of wrong characters with a near instead of the same sound.
    repeated_share: share of redundant characters that repeat their neighbour; the others come from the text around.
    characters_per_extra_error: a sentence gets one error, and one more with even chance for each full stretch of
        this many characters.
    """

    mix: Mapping[str, float]
    clean_share: float
    near_sound_share: float
    repeated_share: float
    characters_per_extra_error: int


class Corruptor:
    """Generates errors; equal keys give equal errors, whatever was asked before.

    Args:
        settings: the mix.
        confusions: which characters sound alike.
        seed: another seed, other errors.
    """

    def __init__(self, settings: NoiseSettings, confusions: SoundConfusions, seed: int) -> None:
        self._settings = settings
        self._confusions = confusions
        self._seed = seed
        self._weights = [settings.mix[name] for name in ERROR_TYPES]

    def corrupt(self, sentence: str, key: str) -> str:
        """``sentence`` with errors. ``key`` names the draw, for example split, epoch and index."""
        random = Random(f"{self._seed}/{key}")
        if random.random() < self._settings.clean_share:
            return sentence
        pieces = list(sentence)
        free = {index for index, character in enumerate(pieces) if is_han(character)}
        stretches = len(sentence) // self._settings.characters_per_extra_error
        for _ in range(1 + sum(random.random() < 0.5 for _ in range(stretches))):
            self._put_error(random, sentence, pieces, free)
        return "".join(pieces)

    def _put_error(self, random: Random, sentence: str, pieces: list[str], free: set[int]) -> None:
        """Draw a type, then places until one admits it; ``free`` loses the places next to the error."""
        (kind,) = random.choices(ERROR_TYPES, self._weights)
        for place in random.sample(sorted(free), len(free)):
            changed = self._change(random, kind, sentence, place, free)
            if changed is None:
                continue
            for index, text in changed.items():
                pieces[index] = text
                # Errors that touch each other would merge into one of another type.
                free -= {index - 1, index, index + 1}
            return

    def _change(self, random: Random, kind: str, sentence: str, place: int, free: set[int]) -> dict[int, str] | None:
        """New texts of the places that an error of ``kind`` at ``place`` changes; None where it cannot stand."""
        character = sentence[place]
        if kind == WRONG:
            wrong = self._wrong(random, character)
            return {place: wrong} if wrong else None
        if kind == MISSING:
            return {place: ""} if len(free) > 1 else None
        if kind == REDUNDANT:
            return {place: character + self._redundant(random, sentence, place)}
        following = sentence[place + 1] if place + 1 in free else character
        return {place: following, place + 1: character} if following != character else None

    def _wrong(self, random: Random, character: str) -> str | None:
        same, near = self._confusions.of(character)
        first, second = (near, same) if random.random() < self._settings.near_sound_share else (same, near)
        candidates = first or second
        return random.choice(candidates) if candidates else None

    def _redundant(self, random: Random, sentence: str, place: int) -> str:
        if random.random() < self._settings.repeated_share:
            return sentence[place]
        around = [character for character in sentence[max(0, place - 5) : place + 6] if is_han(character)]
        return random.choice(around)
