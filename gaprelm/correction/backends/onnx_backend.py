"""Runs planner and infiller with onnxruntime, on the CPU, without torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from gaprelm.correction.backends.interface import Backend, PlannerProbabilities, SourceBatch
from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError
from gaprelm.model.checkpoint import (
    CONFIG,
    COUNTS,
    EXPORT,
    EXPORTED,
    INFILLER,
    PLANNER,
    WEIGHTS,
    read_document,
    read_export,
)
from gaprelm.model.settings import ModelSettings
from gaprelm.textio import file_hash

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


# The axis of the sentences, in each tensor that the planner's graph hands to the infiller's.
_BATCH_AXIS = {"memory": 2, "states": 0}


class OnnxBackend(Backend):
    """Runs a model that ``gaprelm.correction.backends.onnx_export`` wrote.

    Args:
        directory: of the export.
        threads: for each of the two graphs; None takes the number in ``OMP_NUM_THREADS``, as torch does, or else as
            many as there are cores.

    Raises:
        CheckpointError: a file is not the one that the export wrote.
    """

    def __init__(self, directory: Path, threads: int | None = None) -> None:
        files = read_export(directory)["files"]
        for name in (*EXPORTED, *(name for name in (WEIGHTS, COUNTS) if name in files)):
            if file_hash(directory / name) != files.get(name):
                raise CheckpointError(
                    f"{directory / name} is not the file that {EXPORT} names (sha256)\n  cure: copy or export it again"
                )
        self.settings = ModelSettings.from_config(read_document(directory / CONFIG), str(directory / CONFIG))
        self.counts = CountModel.load(directory / COUNTS) if self.settings.enable_counts else None
        self._planner, self._infiller = (_session(directory / name, threads) for name in (PLANNER, INFILLER))
        self._read_by_infiller = {item.name for item in self._infiller.get_inputs()}
        self._memory = [output.name for output in self._planner.get_outputs()[2:]]

    def plan(self, source: SourceBatch) -> PlannerProbabilities:
        inputs = {"source_ids": source.ids, "source_mask": source.mask, **source.counted}
        operations, inserts, *memory = _outputs(self._planner, inputs)
        return PlannerProbabilities(operations, inserts, replace(source, memory=memory or None))

    def fill(
        self, source: SourceBatch, rows: np.ndarray, template: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        counted = {name: part[rows] for name, part in source.counted.items() if name in self._read_by_infiller}
        inputs = {**template, "source_mask": source.mask[rows], **counted}
        if self.settings.encoder_passes == 2:
            inputs["source_ids"] = source.ids[rows]
        else:
            memory = self.plan(source).source.memory if source.memory is None else source.memory
            for name, part in zip(self._memory, memory, strict=True):
                inputs[name] = part if len(rows) == len(source.ids) else part.take(rows, axis=_BATCH_AXIS[name])
        tokens, probabilities = _outputs(self._infiller, inputs)
        return tokens, probabilities


def _outputs(session: InferenceSession, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """What a graph gives; all outputs of ours are arrays."""
    return cast("list[np.ndarray]", session.run(None, inputs))


def _threads_wanted() -> int:
    """The first number in ``OMP_NUM_THREADS`` (``2,1`` has one for each level of nesting); 0 if there is none."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() else 0


def _session(path: Path, threads: int | None) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _threads_wanted()
    # Errors only: onnxruntime's warnings about the graph are of no use to those who run it.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
