"""Callbacks of the Trainer: one keeps the best weights, one writes the log."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import Any

from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from gaprelm.json_files import read_json, write_json

logger = logging.getLogger(__name__)


class BestWeights(TrainerCallback):
    """Keeps the weights with the best dev metric in ``directory``, separately from the checkpoints to resume from.

    A killed run that resumes from a checkpoint repeats the evaluations since then with the same results, so it keeps
    the same weights as an uninterrupted run.
    """

    def __init__(self, directory: Path, metric: str) -> None:
        self.directory, self.metric = directory, metric

    @property
    def record(self) -> dict[str, Any] | None:
        """Step and metrics of the best weights so far."""
        path = self.directory / "metrics.json"
        return read_json(path) if path.is_file() else None

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        metrics: dict[str, float],
        model: PreTrainedModel,
        **kwargs: Any,
    ) -> None:
        if not state.is_world_process_zero:
            return
        value, record = metrics[f"eval_{self.metric}"], self.record
        if record is not None and value <= record["metrics"][f"eval_{self.metric}"]:
            return
        temporary = self.directory.with_name(self.directory.name + ".tmp")
        shutil.rmtree(temporary, ignore_errors=True)
        model.save_pretrained(temporary)
        write_json(temporary / "metrics.json", {"step": state.global_step, "metrics": metrics})
        shutil.rmtree(self.directory, ignore_errors=True)
        os.replace(temporary, self.directory)
        logger.info("New best: %s %.4f at step %d", self.metric, value, state.global_step)


class LogFile(TrainerCallback):
    """Writes losses and dev metrics to the log, one line each."""

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float],
        **kwargs: Any,
    ) -> None:
        if state.is_world_process_zero:
            values = " ".join(f"{name} {value:.4g}" for name, value in logs.items() if isinstance(value, int | float))
            logging.getLogger("gaprelm.metrics").info("step %d/%d %s", state.global_step, state.max_steps, values)
