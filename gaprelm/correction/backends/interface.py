"""The interface between decoding and what computes: numpy arrays in and out, so that decoding needs no torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaprelm.model.settings import ModelSettings


@dataclass(frozen=True)
class SourceBatch:
    """The source half of b sentences, and what the backend remembers of it for the infiller.

    ids: (b, s) int64, [CLS] x_1…x_n [SEP], padded. mask: (b, s) bool, True for tokens.
    memory: the backend's own, None where it has not read the source yet.
    """

    ids: np.ndarray
    mask: np.ndarray
    memory: Any = None


@dataclass(frozen=True)
class PlannerProbabilities:
    """operations: (b, s, 3) float32. inserts: (b, s, max_insert_num + 1) float32. source: as read by the backend."""

    operations: np.ndarray
    inserts: np.ndarray
    source: SourceBatch


class Backend(ABC):
    """Runs the two parts of a model."""

    settings: ModelSettings

    @abstractmethod
    def plan(self, source: SourceBatch) -> PlannerProbabilities:
        """Read the source and say how likely every operation and every insert count is."""

    @abstractmethod
    def fill(self, source: SourceBatch, rows: np.ndarray, template: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """Write the masks of the sentences ``rows``.

        Args:
            source: of ``plan``, or one that was not read.
            rows: (r,) the sentences that have a template, in ascending order.
            template: ``gaprelm.model.inputs.template_half`` of these; ``mask_index`` may name some of the masks only.

        Returns:
            (m,) the likeliest token of each mask among those that may be emitted, int64, and its probability, float32.
        """
