"""From settings and text to a ``Corruptor``."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from gaprelm.noise import settings as names
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions
from gaprelm.noise.confusion_file import read_confusions
from gaprelm.noise.corruption import Corruptor
from gaprelm.noise.kinds import FIXED_KINDS, Kind, file_kind, shape_kind, sound_kind, word_kind
from gaprelm.noise.numbers import TruncatedPoisson
from gaprelm.noise.protection import Protection
from gaprelm.noise.settings import NoiseSettings
from gaprelm.noise.words import WordConfusions

# Sentences, spread over the text, in which words are looked for and the shares are tried.
_MOST_SENTENCES = 50_000
_TRIALS = 3000
_ROUNDS = 3
_OFF_BY = 0.01


def make_corruptor(values: Mapping[str, Any], texts: Iterable[str], seed: int) -> Corruptor:
    """A corruptor whose errors come in the shares asked for.

    Args:
        values: the block ``noise`` of config.yaml.
        texts: correct sentences like those that get errors. Their characters and words are what may be written by
            mistake, and the shares are tried on them.
        seed: another seed, other errors.

    Raises:
        ConfigurationError: settings that cannot be.
        InputError: a file that the settings name cannot be read.
    """
    settings = NoiseSettings.from_mapping(values)
    characters, sentences = _read(texts)
    sounds = SoundConfusions(characters)
    kinds = {name: _kind(name, settings, characters, sounds, sentences) for name in settings.shares}
    corruptor = Corruptor(
        kinds,
        settings.shares,
        TruncatedPoisson(settings.characters_per_error, settings.max_errors),
        settings.clean_share,
        Protection.from_file(settings.protected_terms) if settings.protected_terms else Protection(),
        seed,
    )
    _balance(corruptor, settings, sentences)
    return corruptor


def _read(texts: Iterable[str]) -> tuple[set[str], list[str]]:
    """All characters of the texts, and up to ``_MOST_SENTENCES`` of them at even distances."""
    characters: set[str] = set()
    sentences: list[str] = []
    step = 1
    for number, text in enumerate(texts):
        characters.update(text)
        if number % step == 0:
            sentences.append(text)
            if len(sentences) == _MOST_SENTENCES:
                del sentences[1::2]
                step *= 2
    return characters, sentences


def _kind(
    name: str, settings: NoiseSettings, characters: set[str], sounds: SoundConfusions, sentences: list[str]
) -> Kind:
    if name in (names.SAME_SOUND, names.NEAR_SOUND):
        return sound_kind(sounds, name == names.NEAR_SOUND)
    if name == names.SHAPE:
        return shape_kind(ShapeConfusions(characters))
    if name == names.CONFUSIONS:
        return file_kind(read_confusions(settings.confusions))
    if name == names.WORD:
        return word_kind(WordConfusions(sentences))
    return FIXED_KINDS[name]


def _balance(corruptor: Corruptor, settings: NoiseSettings, sentences: list[str]) -> None:
    """Draw kinds that often find no place more often, so that the shares of the errors are those asked for.

    Tries the errors on the sentences; the draws are a function of the settings, the text and the seed alone.
    """
    shares = settings.shares
    tried = sentences[:: max(1, len(sentences) // _TRIALS)]
    if not tried:
        return
    weights = shares
    for number in range(_ROUNDS):
        corruptor.drawn.clear()
        corruptor.placed.clear()
        for trial in range(_TRIALS):
            corruptor.corrupt(tried[trial % len(tried)], f"balance/{number}/{trial}")
        obtained = {name: corruptor.placed[name] / max(1, corruptor.placed.total()) for name in shares}
        found = {name: corruptor.placed[name] / max(1, corruptor.drawn[name]) for name in shares}
        weights = {name: share / max(found[name], 0.01) for name, share in shares.items()}
        corruptor.set_shares(weights)
    for name, share in shares.items():
        if found[name] < _OFF_BY and obtained[name] < share - _OFF_BY:
            logging.warning(
                "noise: hardly a sentence admits the kind %s: %.1f %% of the errors instead of %.1f %%",
                name,
                100 * obtained[name],
                100 * share,
            )
