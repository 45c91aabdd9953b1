"""Builds a ``Corruptor`` from settings and text."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gaprelm.noise import settings as names
from gaprelm.noise.choices import Lengths
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions
from gaprelm.noise.confusion_file import read_confusions
from gaprelm.noise.corruption import Corruptor
from gaprelm.noise.kinds import (
    Kind,
    context_kind,
    file_kind,
    in_runs,
    missing_kind,
    repeated_kind,
    shape_kind,
    sound_kind,
    swapped,
    word_kind,
)
from gaprelm.noise.learned import learned_plan
from gaprelm.noise.particles import particle_kind, particle_rate
from gaprelm.noise.plan import Plan, TruncatedPoisson
from gaprelm.noise.protection import Protection
from gaprelm.noise.punctuation import mark_kind
from gaprelm.noise.settings import NoiseSettings
from gaprelm.noise.statistics import NoiseStatistics
from gaprelm.noise.words import WordConfusions

# At most so many sentences, spread over the text, are searched for words and used to balance the shares.
_MOST_SENTENCES = 50_000
_TRIALS = 3000
_ROUNDS = 3
# A kind that finds a place more rarely than this gets no further compensation: it would only take the others' turns.
_LEAST_FOUND = 0.05
# Warn about a kind whose share is too small by more than _OFF_BY, if it finds a place in less than _OFTEN of its draws.
_OFF_BY, _OFTEN = 0.02, 0.5

_IN_RUNS = {names.MISSING: missing_kind, names.REPEATED: repeated_kind, names.CONTEXT: context_kind}

logger = logging.getLogger(__name__)


def make_corruptor(values: Mapping[str, Any], texts: Iterable[str], seed: int) -> Corruptor:
    """A corruptor whose errors come in the shares asked for.

    Args:
        values: the block ``noise`` of config.yaml.
        texts: correct sentences like those that get errors. Only their characters and words are written by mistake,
            common ones more often, and the shares are balanced on them.
        seed: different seeds give different errors.

    Raises:
        ConfigurationError: a setting has a value that cannot be used.
        InputError: a file that the settings name cannot be read.
    """
    settings = NoiseSettings.from_mapping(values)
    characters, sentences = _read(texts)
    protection = Protection.from_file(settings.protected_terms) if settings.protected_terms else Protection()
    statistics = NoiseStatistics.read(settings.statistics) if settings.statistics else None
    plans = _plans(settings, statistics, characters, sentences)
    for plan, _ in plans:
        _balance(plan, protection, sentences)
    clean_share = settings.clean_share
    if clean_share is None:
        assert statistics is not None, "NoiseSettings refuses a share of the statistics without a file"
        clean_share = statistics.clean_share
    return Corruptor(plans, clean_share, protection, seed)


def _plans(
    settings: NoiseSettings, statistics: NoiseStatistics | None, characters: Counter[str], sentences: list[str]
) -> list[tuple[Plan, float]]:
    """The plan that follows the mix, the plan that follows the statistics, or both; with their shares of sentences."""
    learned = settings.statistics_share if statistics else 0.0
    weights = {character: count**settings.frequency_power for character, count in characters.items()}
    sounds = SoundConfusions(characters, weights)
    plans = []
    if learned < 1:
        kinds = {name: _kind(name, settings, weights, sounds, sentences) for name in settings.shares}
        numbers = TruncatedPoisson(settings.characters_per_error, settings.max_errors)
        rates = {names.PARTICLE: particle_rate}
        plans.append((Plan(kinds, settings.shares, numbers, rates, settings.touching), 1 - learned))
    if statistics and learned:
        plans.append((learned_plan(statistics, characters, sounds, settings.max_errors), learned))
    return plans


def _read(texts: Iterable[str]) -> tuple[Counter[str], list[str]]:
    """How often each character occurs in the texts, and at most ``_MOST_SENTENCES`` of the texts, evenly spaced."""
    characters: Counter[str] = Counter()
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
    name: str,
    settings: NoiseSettings,
    weights: Mapping[str, float],
    sounds: SoundConfusions,
    sentences: list[str],
) -> Kind:
    lengths = Lengths(settings.runs.get(names.TYPE_OF_KIND[name], ()))
    if name in (names.SAME_SOUND, names.NEAR_SOUND):
        return in_runs(sound_kind(sounds, name == names.NEAR_SOUND), lengths)
    if name == names.SHAPE:
        return in_runs(shape_kind(ShapeConfusions(weights, weights)), lengths)
    if name == names.PARTICLE:
        return particle_kind(weights)
    if name == names.CONFUSIONS:
        assert settings.confusions is not None, "NoiseSettings refuses a share of confusions without a file"
        return file_kind(read_confusions(settings.confusions))
    if name == names.WORD:
        return word_kind(WordConfusions(sentences))
    if name in _IN_RUNS:
        return _IN_RUNS[name](lengths)
    return swapped if name == names.SWAPPED else mark_kind(name, weights)


def _balance(plan: Plan, protection: Protection, sentences: list[str]) -> None:
    """Give a kind that often finds no place more draws, so that the errors have the plan's shares.

    The errors are tried on the sentences; the result depends only on the settings and the text.
    """
    tried = sentences[:: max(1, len(sentences) // _TRIALS)]
    if not tried:
        return
    corruptor = Corruptor([(plan, 1.0)], 0.0, protection, 0)
    for number in range(_ROUNDS):
        plan.drawn.clear()
        plan.placed.clear()
        for trial in range(_TRIALS):
            corruptor.errors(tried[trial % len(tried)], f"balance/{number}/{trial}")
        found = {name: plan.placed[name] / max(1, plan.drawn[name]) for name in plan.shares}
        plan.draw_kinds({name: share / max(found[name], _LEAST_FOUND) for name, share in plan.shares.items()})
    for name, share in plan.shares.items():
        obtained = plan.placed[name] / max(1, plan.placed.total())
        if found[name] < _OFTEN and obtained < share - _OFF_BY:
            logger.warning(
                "noise: the kind %s finds too few places: it makes up %.1f %% of the errors instead of %.1f %%",
                name,
                100 * obtained,
                100 * share,
            )
