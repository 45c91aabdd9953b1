"""The noise settings of an experiment and of its stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import isfile
from pathlib import Path
from typing import Any

import yaml

from gaprelm.errors import ConfigurationError, shown
from gaprelm.noise.settings import NoiseSettings
from gaprelm.textio import read_utf8

_DEFAULTS = Path(__file__).parent.parent.parent / "config.yaml"
_EXAMPLE = "--noise '{clean_share: 0, mix: {wrong: 0.5, missing: 0.5}}'"
_FILES = ("confusions", "statistics", "protected_terms")


def stage_noise(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """The noise settings of a stage: those of the experiment, with the keys that the stage has of its own."""
    return {**config["noise"], **config["stages"].get(stage, {}).get("noise", {})}


def noise_files(values: Mapping[str, Any]) -> list[str]:
    """The files that noise settings name: other files, other errors."""
    return [values[name] for name in _FILES if values.get(name)]


def checked_noise_files(config: Mapping[str, Any]) -> Iterator[str]:
    """The files of all noise settings of a configuration.

    Raises:
        ConfigurationError: settings that cannot be.
    """
    blocks = {"noise": config["noise"]}
    for stage, values in config["stages"].items():
        if "noise" in values:
            blocks[f"stages.{stage}.noise"] = stage_noise(config, stage)
    for place, values in blocks.items():
        NoiseSettings.from_mapping(values, place)
        yield from noise_files(values)


def noise_values(given: str | None) -> dict[str, Any]:
    """Noise settings for the command line: those of config.yaml, with what is given in their place.

    Args:
        given: a YAML or JSON file, or such text: a whole configuration or keys of ``noise``. Shares (``mix``,
            ``wrong``, ``redundant``) count as a whole, so that what is not named there does not occur.

    Raises:
        ConfigurationError: no mapping, or nothing is given and there is no config.yaml (it is no part of a wheel).
    """
    values = _mapping(_DEFAULTS.read_text(encoding="utf-8"), str(_DEFAULTS))["noise"] if _DEFAULTS.is_file() else {}
    if given is None:
        if not values:
            raise ConfigurationError(
                f"{_DEFAULTS}: no such file, but the default settings stand there\n"
                "  cure: give all settings with --noise config.yaml, or install gaprelm from a checkout"
            )
        return values
    # Unlike Path.is_file, this is no error where the text is too long for a name.
    text = read_utf8(Path(given)) if isfile(given) else given
    changes = _mapping(text, given)
    changes = changes["noise"] if isinstance(changes.get("noise"), dict) else changes
    return {**values, **changes}


def _mapping(text: str, name: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{shown(name)}: no YAML ({error})\n  cure: see docs/noise.md") from error
    if not isinstance(values, dict):
        raise ConfigurationError(
            f"noise settings {shown(name)}: neither a file nor keys with values\n  cure: for example {_EXAMPLE}"
        )
    return values
