"""The interface between decoding and the library that runs the model: numpy arrays, so that decoding needs no torch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gaprelm.counts.model import CountModel
from gaprelm.model.settings import ModelSettings


@dataclass(frozen=True)
class SourceBatch:
    """The source half of b sentences, and what the backend keeps of it for the infiller.

    ids: (b, s) int64, [CLS] x_1…x_n [SEP], padded.
    mask: (b, s) bool, True for tokens, False for padding.
    counted: for models with ``enable_counts``, from ``gaprelm.model.counted_inputs``; else empty.
    memory: of a type that the backend chooses; None as long as it has not read the source.
    """

    ids: np.ndarray
    mask: np.ndarray
    counted: Mapping[str, np.ndarray] = field(default_factory=dict)
    memory: Any = None


@dataclass(frozen=True)
class PlannerProbabilities:
    """What the planner says of b sentences.

    operations: (b, s, 3) float32, the probabilities of KEEP, DELETE and REPLACE for each token.
    inserts: (b, s, max_insert_num + 1) float32, those of each insert count for the gap after each token.
    source: the batch, with the memory that the backend made while it read it.
    """

    operations: np.ndarray
    inserts: np.ndarray
    source: SourceBatch


class Backend(ABC):
    """Runs the two parts of a model.

    counts: of a model with ``enable_counts``.
    """

    settings: ModelSettings
    counts: CountModel | None = None

    @abstractmethod
    def plan(self, source: SourceBatch) -> PlannerProbabilities:
        """Read the source, and return the probability of every operation and every insert count."""

    @abstractmethod
    def fill(self, source: SourceBatch, rows: np.ndarray, template: Mapping[str, np.ndarray]) -> tuple[np.ndarray, ...]:
        """Write the masks of the sentences ``rows``.

        Args:
            source: the one that ``plan`` returned, or one that has not been read.
            rows: (r,) the sentences that have a template, in ascending order.
            template: of these sentences, from ``gaprelm.model.inputs.template_half``; its ``mask_index`` may leave out
                masks that need not be written.

        Returns:
            Two arrays (m,), an element for each mask in ``mask_index``: the likeliest of the tokens that may be
            written, int64, and its probability, float32.
        """
