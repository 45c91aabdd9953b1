"""The noise settings of an experiment and of its stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gaprelm.noise.settings import NoiseSettings

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
