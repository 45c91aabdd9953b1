"""Settings of generated errors: the block ``noise`` of config.yaml, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING as MISSING_VALUE
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

from gaprelm.errors import ConfigurationError, shown

_FILES = ("confusions", "statistics", "protected_terms")

SAME_SOUND, NEAR_SOUND, SHAPE, CONFUSIONS = "same_sound", "near_sound", "shape", "confusions"
WORD, MISSING, REPEATED, CONTEXT, SWAPPED = "word", "missing", "repeated", "context", "swapped"
WRONG, REDUNDANT = "wrong", "redundant"
WRONG_KINDS = (SAME_SOUND, NEAR_SOUND, SHAPE, CONFUSIONS)
REDUNDANT_KINDS = (REPEATED, CONTEXT)
TYPES = (WRONG, WORD, MISSING, REDUNDANT, SWAPPED)
KINDS = (*WRONG_KINDS, WORD, MISSING, *REDUNDANT_KINDS, SWAPPED)
TYPE_OF_KIND: dict[str, str] = {
    **dict.fromkeys(WRONG_KINDS, WRONG),
    **dict.fromkeys(REDUNDANT_KINDS, REDUNDANT),
    **{name: name for name in (WORD, MISSING, SWAPPED)},
}
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class NoiseSettings:
    """Which errors are generated: the keys of ``noise`` in config.yaml.

    The defaults are there. Only keys that came after version 0.1.0 have theirs here too, because settings that were
    written before do not name them.

    mix: share of each error type; together 1.
    wrong: share of each kind of wrong characters; together 1.
    redundant: shares of redundant characters that repeat a neighbour or come from the text around; together 1.
    clean_share: share of sentences that stay as they are.
    characters_per_error: a sentence of n Chinese characters has a Poisson number of errors with the parameter
        n / characters_per_error, among the numbers from 1 to ``max_errors``.
    max_errors: the most errors in a sentence.
    confusions: a confusion file (``gaprelm.noise.confusion_file``), or None.
    statistics: file of ``gaprelm noise fit``, or None.
    statistics_share: share of the sentences with errors that follow ``statistics``, if there is such a file.
    protected_terms: file of terms that are never touched, one per line, or None.
    frequency_power: of characters that sound or look alike, one that occurs n times in the texts is written by mistake
        with the weight n ** frequency_power.
    """

    mix: Mapping[str, float]
    wrong: Mapping[str, float]
    redundant: Mapping[str, float]
    clean_share: float
    characters_per_error: float
    max_errors: int
    confusions: str | None
    statistics: str | None
    statistics_share: float
    protected_terms: str | None
    frequency_power: float = 0.75

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
        for name, known in (("mix", TYPES), ("wrong", WRONG_KINDS), ("redundant", REDUNDANT_KINDS)):
            _check_shares(values[name], known, f"{place}.{name}")
        for name in ("clean_share", "statistics_share"):
            if not _is_number(values[name]) or not 0 <= values[name] <= 1:
                raise ConfigurationError(f"{place}.{name}={shown(values[name])}; expected a number from 0 to 1")
        if not _is_number(settings.characters_per_error) or settings.characters_per_error <= 0:
            found = shown(settings.characters_per_error)
            raise ConfigurationError(f"{place}.characters_per_error={found}; expected a number above 0")
        if not isinstance(settings.max_errors, int) or settings.max_errors is True or settings.max_errors < 1:
            found = shown(settings.max_errors)
            raise ConfigurationError(f"{place}.max_errors={found}; expected a whole number of at least 1")
        if not _is_number(settings.frequency_power) or settings.frequency_power < 0:
            found = shown(settings.frequency_power)
            raise ConfigurationError(f"{place}.frequency_power={found}; expected a number of at least 0")
        for name in ("confusions", "statistics", "protected_terms"):
            if not isinstance(values[name], str | None):
                raise ConfigurationError(f"{place}.{name}={shown(values[name])}; expected the name of a file, or null")
        if settings.share(CONFUSIONS) and not settings.confusions:
            raise ConfigurationError(
                f"{place}.wrong.confusions={settings.wrong[CONFUSIONS]:g}, but {place}.confusions names no file\n"
                f"  cure: name a confusion file (docs/use/noise.md), or set {place}.wrong.confusions=0"
            )
        return settings

    def share(self, kind: str) -> float:
        """Share of one of ``KINDS`` in all errors that follow the mix."""
        share = self.mix.get(TYPE_OF_KIND[kind], 0.0)
        if kind in WRONG_KINDS:
            return share * self.wrong.get(kind, 0.0)
        return share * self.redundant.get(kind, 0.0) if kind in REDUNDANT_KINDS else share

    @property
    def shares(self) -> dict[str, float]:
        """The shares of all kinds whose share is above 0."""
        return {kind: self.share(kind) for kind in KINDS if self.share(kind) > 0}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _check_keys(values: Mapping[str, Any], place: str) -> None:
    names = [field.name for field in fields(NoiseSettings)]
    required = [field.name for field in fields(NoiseSettings) if field.default is MISSING_VALUE]
    if not isinstance(values, Mapping):
        raise ConfigurationError(f"{place}={shown(values)}; expected keys and values\n  cure: see docs/use/noise.md")
    unknown = [str(name) for name in values if name not in names]
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]} in {place}\n  cure: the keys are {', '.join(names)}")
    for name in required:
        if name not in values:
            raise ConfigurationError(f"{place}.{name} is missing\n  cure: set it as in config.yaml")


def _check_shares(shares: Any, known: tuple[str, ...], place: str) -> None:
    if not isinstance(shares, Mapping) or not all(_is_number(share) and share >= 0 for share in shares.values()):
        raise ConfigurationError(f"{place}={shown(shares)}; expected a share for each of {', '.join(known)}")
    unknown = [str(name) for name in shares if name not in known]
    if unknown:
        raise ConfigurationError(f"unknown key {unknown[0]} in {place}\n  cure: the keys are {', '.join(known)}")
    total = sum(shares.values())
    if abs(total - 1) > _TOLERANCE:
        raise ConfigurationError(f"the shares of {place} add up to {total:g}; expected 1\n  cure: change one")


def noise_files(values: Mapping[str, Any]) -> list[str]:
    """The files that noise settings name; the errors depend on their content."""
    return [values[name] for name in _FILES if values.get(name)]
