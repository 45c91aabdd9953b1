"""Runs planner and infiller with onnxruntime, on the CPU, without torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gaprelm.correction.backends.graph_file import check_graph
from gaprelm.correction.backends.interface import Backend, PlannerProbabilities, SourceBatch
from gaprelm.counts.model import CountModel
from gaprelm.edits.labels import NUM_OPERATIONS
from gaprelm.errors import CheckpointError
from gaprelm.model.checkpoint import COUNTS, INFILLER, LARGEST_EXPORTED, PLANNER, check_export
from gaprelm.model.config_file import read_config, read_vocabulary
from gaprelm.model.counted_inputs import COUNTED_INPUTS
from gaprelm.model.encoder import largest_weights

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


# The axis of the sentences, in each tensor that the planner's graph hands to the infiller's.
_BATCH_AXIS = {"memory": 2, "states": 0}
_MEMORIES = (["memory"], ["memory", "states"])


# What the graphs may take and give; an export without counts, tagging or one pass has less.
_SOURCE = {"source_ids", "source_mask", *COUNTED_INPUTS}
_TEMPLATE = {"template_ids", "template_positions", "template_slots", "template_mask", "mask_index"}
_PLANNED, _FILLED = ["operations", "inserts"], ["tokens", "probabilities"]
_CURE = "\n  cure: copy or export the model again"


class OnnxBackend(Backend):
    """Runs a model that ``gaprelm.correction.backends.onnx_export`` wrote.

    Args:
        directory: of the export.
        threads: for each of the two graphs; None takes the number in ``OMP_NUM_THREADS``, as torch does, or else as
            many as there are cores.

    Raises:
        CheckpointError: a file is not the one that the export wrote, or a graph is not one of ours.
        OSError: a file cannot be opened.
    """

    def __init__(self, directory: Path, threads: int | None = None) -> None:
        self.settings, encoder = read_config(directory)
        check_export(directory, max(largest_weights(encoder), LARGEST_EXPORTED))
        self.counts = CountModel.load(directory / COUNTS) if self.settings.enable_counts else None
        self.vocabulary = read_vocabulary(directory, encoder["vocab_size"])
        self._directory = directory
        self._planner, self._infiller = (_session(directory / name, threads) for name in (PLANNER, INFILLER))
        self._read_by_infiller = {item.name for item in self._infiller.get_inputs()}
        planned, filled = ([output.name for output in graph.get_outputs()] for graph in (self._planner, self._infiller))
        self._memory = planned[len(_PLANNED) :]
        read_by_planner = {item.name for item in self._planner.get_inputs()}
        _check_names(directory / PLANNER, read_by_planner <= _SOURCE and self._memory in ([], *_MEMORIES))
        _check_names(directory / PLANNER, planned[: len(_PLANNED)] == _PLANNED)
        known = _SOURCE | _TEMPLATE | set(self._memory)
        _check_names(directory / INFILLER, self._read_by_infiller <= known and filled == _FILLED)

    def plan(self, source: SourceBatch) -> PlannerProbabilities:
        inputs = {"source_ids": source.ids, "source_mask": source.mask, **source.counted}
        operations, inserts, *memory = self._outputs(self._planner, PLANNER, inputs)
        self._check(PLANNER, operations, np.float32, (*source.ids.shape, NUM_OPERATIONS))
        self._check(PLANNER, inserts, np.float32, (*source.ids.shape, self.settings.max_insert_num + 1))
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
        tokens, probabilities = self._outputs(self._infiller, INFILLER, inputs)
        masks = template["mask_index"].shape
        self._check(INFILLER, tokens, np.int64, masks)
        self._check(INFILLER, probabilities, np.float32, masks)
        if len(tokens) and not 0 <= tokens.min() <= tokens.max() < len(self.vocabulary):
            raise self._wrong(INFILLER, f"gives tokens {tokens.min()} to {tokens.max()} of {len(self.vocabulary)}")
        return tokens, probabilities

    def _outputs(self, session: InferenceSession, name: str, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """What a graph gives; all outputs of ours are arrays."""
        try:
            return cast("list[np.ndarray]", session.run(None, inputs))
        except Exception as error:  # onnxruntime has no base class of its errors
            raise self._wrong(name, f"cannot be run ({_first_line(error)})") from error

    def _check(self, name: str, found: Any, dtype: type, shape: tuple[int, ...]) -> None:
        """Check what a graph gave; that of a stranger may give anything."""
        if not isinstance(found, np.ndarray) or found.dtype != dtype or found.shape != shape:
            what = f"{found.dtype} {found.shape}" if isinstance(found, np.ndarray) else type(found).__name__
            raise self._wrong(name, f"gives {what}; expected {dtype.__name__} {shape}")

    def _wrong(self, name: str, what: str) -> CheckpointError:
        return CheckpointError(f"{self._directory / name} {what}{_CURE}")


def _check_names(path: Path, sound: bool) -> None:
    if not sound:
        raise CheckpointError(f"{path} takes or gives something else than a graph of ours{_CURE}")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _threads_wanted() -> int:
    """The first number in ``OMP_NUM_THREADS`` (``2,1`` has one for each level of nesting); 0 if there is none."""
    first = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(first) if first.isdecimal() else 0


def _session(path: Path, threads: int | None) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _threads_wanted()
    # Its errors reach us as exceptions too. It would log them with names of the graph as they are, and a stranger's
    # names may steer a terminal.
    options.log_severity_level = 4
    check_graph(path)
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no base class of its errors
        raise CheckpointError(f"{path} cannot be loaded ({_first_line(error)}){_CURE}") from error
