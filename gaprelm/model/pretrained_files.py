"""The files of a pretrained model's directory. Nothing here imports torch."""

from __future__ import annotations

from gaprelm.model.checkpoint import (
    CALIBRATION,
    CONFIG,
    COUNTS,
    EXPORT,
    INFILLER,
    PLANNER,
    VOCABULARY,
    WEIGHTS,
    shipped_or,
)

PICKLED_WEIGHTS = "pytorch_model.bin"


def pretrained_files(name: str) -> list[str]:
    """The files of ``pretrained_model`` on which the model depends; empty for ``tiny`` and names on the hub."""
    folder = shipped_or(name)
    weights = WEIGHTS if (folder / WEIGHTS).is_file() else PICKLED_WEIGHTS
    return [str(folder / file) for file in (CONFIG, weights, VOCABULARY, COUNTS) if (folder / file).is_file()]


def corrector_files(name: str) -> list[str]:
    """The files on which depends what it corrects before training: also its thresholds, and the graphs of an export."""
    folder = shipped_or(name)
    more = [file for file in (CALIBRATION, EXPORT, PLANNER, INFILLER) if (folder / file).is_file()]
    return [*pretrained_files(name), *(str(folder / file) for file in more)]
