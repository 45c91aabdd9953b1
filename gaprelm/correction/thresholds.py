"""Reads the calibrated thresholds of a model."""

from __future__ import annotations

import logging
from pathlib import Path

from gaprelm.edits.proposed import DEFAULT_THRESHOLDS
from gaprelm.errors import CheckpointError
from gaprelm.model.checkpoint import CALIBRATION, EXPORT, WEIGHTS, is_export, read_calibration, trained_weights_hash

logger = logging.getLogger(__name__)


def read_thresholds(model_dir: Path, operating_point: str | None = None) -> dict[str, float]:
    """The calibrated thresholds of a model by type, or the defaults where it has no ``calibration.json``.

    Args:
        model_dir: directory of the model.
        operating_point: ``f0.5``, ``f1`` or ``f2``; None takes the default of the calibration.

    Raises:
        CheckpointError: the file is damaged, belongs to other weights, or has no such operating point.
    """
    path = model_dir / CALIBRATION
    document = read_calibration(model_dir)
    if document is None:
        logger.warning(
            "%s has no %s: thresholds of 0.5 are used (the finished model is best_stage_c)", model_dir, CALIBRATION
        )
        return dict(DEFAULT_THRESHOLDS)
    if document["weights_sha256"] != trained_weights_hash(model_dir):
        raise CheckpointError(
            f"{path} was made for other weights than {model_dir / (EXPORT if is_export(model_dir) else WEIGHTS)}\n"
            "  cure: calibrate this model (snakemake … calibrate), or delete the file to use default thresholds"
        )
    point = operating_point or document["default"]
    if point not in document["operating_points"]:
        known = ", ".join(document["operating_points"])
        raise CheckpointError(f"{path} has no operating point {point!r}; expected one of {known}")
    return document["operating_points"][point]["thresholds"]
