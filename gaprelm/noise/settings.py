"""Settings of generated errors: the block ``noise`` of config.yaml, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING as WITHOUT_DEFAULT
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from types import MappingProxyType
from typing import Any

from gaprelm.errors import ConfigurationError, shown

_FILES = ("confusions", "statistics", "protected_terms")

SAME_SOUND, NEAR_SOUND, SHAPE, CONFUSIONS = "same_sound", "near_sound", "shape", "confusions"
PARTICLE = "particle"
WORD, MISSING, REPEATED, CONTEXT, SWAPPED = "word", "missing", "repeated", "context", "swapped"
HALF_WIDTH, EXCHANGED, DOUBLED, OMITTED = "half_width", "exchanged", "doubled", "omitted"
WRONG, REDUNDANT, PUNCTUATION = "wrong", "redundant", "punctuation"
WRONG_KINDS = (SAME_SOUND, NEAR_SOUND, SHAPE, CONFUSIONS)
REDUNDANT_KINDS = (REPEATED, CONTEXT)
PUNCTUATION_KINDS = (HALF_WIDTH, EXCHANGED, DOUBLED, OMITTED)
TYPES = (WRONG, WORD, MISSING, REDUNDANT, SWAPPED, PUNCTUATION)
KINDS = (*WRONG_KINDS, PARTICLE, WORD, MISSING, *REDUNDANT_KINDS, SWAPPED, *PUNCTUATION_KINDS)
TYPE_OF_KIND: dict[str, str] = {
    **dict.fromkeys((*WRONG_KINDS, PARTICLE), WRONG),
    **dict.fromkeys(REDUNDANT_KINDS, REDUNDANT),
    **dict.fromkeys(PUNCTUATION_KINDS, PUNCTUATION),
    **{name: name for name in (WORD, MISSING, SWAPPED)},
}
# Types whose errors may have several characters in a row.
RUNS = (WRONG, MISSING, REDUNDANT)
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class NoiseSettings:
    """Which errors are generated: the keys of ``noise`` in config.yaml.

    The defaults are there. Only the keys that came after version 0.1.0 have theirs here too, because settings that were
    written before do not name them.

    mix: share of each error type; together 1. In given settings one share may be None, here and in the other shares:
        what the others leave of 1.
    wrong: share of each kind of wrong characters; together 1.
    redundant: shares of redundant characters that repeat a neighbour or come from the text around; together 1.
    clean_share: share of sentences that stay as they are; None: as many as in the pairs of ``statistics``.
    characters_per_error: a sentence of n Chinese characters has a Poisson number of errors with the parameter
        n / characters_per_error, among the numbers from 1 to ``max_errors``.
    max_errors: the most errors in a sentence.
    confusions: a confusion file (``gaprelm.noise.confusion_file``), or None.
    statistics: file of ``gaprelm noise fit``, or None.
    statistics_share: share of the sentences with errors that follow ``statistics``, if there is such a file.
    protected_terms: file of terms that are never touched, one per line, or None.
    frequency_power: of characters that sound or look alike, one that occurs n times in the texts is written by mistake
        with the weight n ** frequency_power.
    particles: share of 的 for 地 and the like (``gaprelm.noise.particles``) in the wrong characters of the same sound.
    punctuation: share of each kind of errors in punctuation; together 1.
    runs: for each type of ``RUNS`` the shares of errors with 1, 2, 3, … characters in a row; together 1. A type that is
        not named has single characters.
    touching: share of the errors after the first of a sentence that touch an earlier one.
    """

    mix: Mapping[str, float]
    wrong: Mapping[str, float]
    redundant: Mapping[str, float]
    clean_share: float | None
    characters_per_error: float
    max_errors: int
    confusions: str | None
    statistics: str | None
    statistics_share: float
    protected_terms: str | None
    frequency_power: float = 0.75
    particles: float = 0.15
    punctuation: Mapping[str, float] = field(
        default_factory=lambda: {HALF_WIDTH: 0.25, EXCHANGED: 0.35, OMITTED: 0.35, DOUBLED: 0.05}
    )
    runs: Mapping[str, Sequence[float]] = field(
        default_factory=lambda: {
            WRONG: [0.86, 0.12, 0.02],
            MISSING: [0.6, 0.28, 0.12],
            REDUNDANT: [0.6, 0.28, 0.09, 0.03],
        }
    )
    touching: float = 0.08

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], place: str = "noise") -> NoiseSettings:
        """The settings in ``values``.

        Args:
            place: the name of the block in messages.

        Raises:
            ConfigurationError: a key is missing or unknown, or has a value that cannot be used.
        """
        _check_keys(values, place)
        settings = cls(**values)
        _check_numbers(settings, place)
        _check_runs(settings.runs, f"{place}.runs")
        for name in _FILES:
            if not isinstance(getattr(settings, name), str | None):
                found = shown(getattr(settings, name))
                raise ConfigurationError(f"{place}.{name}={found}; expected the name of a file, or null")
        settings = replace(
            settings,
            **{
                name: _shares(getattr(settings, name), known, f"{place}.{name}")
                for name, known in _KNOWN_SHARES.items()
            },
        )
        if settings.clean_share is None and not settings.statistics:
            raise ConfigurationError(
                f"{place}.clean_share=null means the share of {place}.statistics, which names no file\n"
                f"  cure: name a file of gaprelm noise fit, or give {place}.clean_share a number"
            )
        if settings.share(CONFUSIONS) and not settings.confusions:
            raise ConfigurationError(
                f"{place}.wrong.confusions={settings.wrong[CONFUSIONS]:g}, but {place}.confusions names no file\n"
                f"  cure: name a confusion file (docs/use/noise.md), or set {place}.wrong.confusions=0"
            )
        return settings

    def share(self, kind: str) -> float:
        """Share of one of ``KINDS`` in all errors that follow the mix."""
        share = self.mix.get(TYPE_OF_KIND[kind], 0.0)
        if kind == PARTICLE:
            return share * self.wrong.get(SAME_SOUND, 0.0) * self.particles
        if kind == SAME_SOUND:
            return share * self.wrong.get(SAME_SOUND, 0.0) * (1 - self.particles)
        within = {WRONG: self.wrong, REDUNDANT: self.redundant, PUNCTUATION: self.punctuation}.get(TYPE_OF_KIND[kind])
        return share if within is None else share * within.get(kind, 0.0)

    @property
    def shares(self) -> dict[str, float]:
        """The shares of all kinds whose share is above 0."""
        return {kind: self.share(kind) for kind in KINDS if self.share(kind) > 0}


_KNOWN_SHARES = MappingProxyType(
    {"mix": TYPES, "wrong": WRONG_KINDS, "redundant": REDUNDANT_KINDS, "punctuation": PUNCTUATION_KINDS}
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _check_keys(values: Mapping[str, Any], place: str) -> None:
    if not isinstance(values, Mapping):
        raise ConfigurationError(f"{place}={shown(values)}; expected keys and values\n  cure: see docs/use/noise.md")
    known = fields(NoiseSettings)
    names = [key.name for key in known]
    unknown = [str(name) for name in values if name not in names]
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]} in {place}\n  cure: the keys are {', '.join(names)}")
    for key in known:
        if key.default is key.default_factory is WITHOUT_DEFAULT and key.name not in values:
            raise ConfigurationError(f"{place}.{key.name} is missing\n  cure: set it as in config.yaml")


def _check_numbers(settings: NoiseSettings, place: str) -> None:
    for name in ("clean_share", "statistics_share", "particles", "touching"):
        value = getattr(settings, name)
        if not (name == "clean_share" and value is None) and not (_is_number(value) and 0 <= value <= 1):
            raise ConfigurationError(f"{place}.{name}={shown(value)}; expected a number from 0 to 1")
    if not _is_number(settings.characters_per_error) or settings.characters_per_error <= 0:
        found = shown(settings.characters_per_error)
        raise ConfigurationError(f"{place}.characters_per_error={found}; expected a number above 0")
    if not _is_number(settings.frequency_power) or settings.frequency_power < 0:
        found = shown(settings.frequency_power)
        raise ConfigurationError(f"{place}.frequency_power={found}; expected a number of at least 0")
    if not isinstance(settings.max_errors, int) or settings.max_errors is True or settings.max_errors < 1:
        found = shown(settings.max_errors)
        raise ConfigurationError(f"{place}.max_errors={found}; expected a whole number of at least 1")


def _check_runs(runs: Any, place: str) -> None:
    if not isinstance(runs, Mapping):
        raise ConfigurationError(f"{place}={shown(runs)}; expected shares for each of {', '.join(RUNS)}")
    unknown = [str(name) for name in runs if name not in RUNS]
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]} in {place}\n  cure: the keys are {', '.join(RUNS)}")
    for name, shares in runs.items():
        if not isinstance(shares, Sequence) or not all(_is_number(share) and share >= 0 for share in shares):
            found = shown(shares)
            raise ConfigurationError(f"{place}.{name}={found}; expected the shares of 1, 2, 3, … characters in a row")
        _check_total(sum(shares), f"{place}.{name}")


def _shares(given: Any, known: tuple[str, ...], place: str) -> dict[str, float]:
    """The shares, with what the others leave of 1 for the one that is None."""
    if not isinstance(given, Mapping) or not all(
        share is None or (_is_number(share) and share >= 0) for share in given.values()
    ):
        raise ConfigurationError(f"{place}={shown(given)}; expected a share for each of {', '.join(known)}")
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]} in {place}\n  cure: the keys are {', '.join(known)}")
    rest = [name for name, share in given.items() if share is None]
    if len(rest) > 1:
        raise ConfigurationError(f"{place}: {' and '.join(rest)} are null; expected one at most\n  cure: set a number")
    shares = {name: share for name, share in given.items() if share is not None}
    if rest:
        left = 1 - sum(shares.values())
        shares[rest[0]] = left if left > _TOLERANCE else 0.0
    _check_total(sum(shares.values()), place)
    return shares


def _check_total(total: float, place: str) -> None:
    if abs(total - 1) > _TOLERANCE:
        raise ConfigurationError(f"the shares of {place} add up to {total:g}; expected 1\n  cure: change one")


def noise_files(values: Mapping[str, Any]) -> list[str]:
    """The files that noise settings name; the errors depend on their content."""
    return [values[name] for name in _FILES if values.get(name)]
