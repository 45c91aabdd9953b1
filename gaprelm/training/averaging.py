"""An exponential moving average of the weights, which often scores better than the weights of any single step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

Tensors = list[Tensor] | tuple[Tensor, ...]
FILE = "average.pt"


class WeightAverage(TrainerCallback):
    """Averages the weights after each step. Every process keeps the same average, as they all have the same weights.

    The average of n steps keeps min(``decay``, (1 + n) / (10 + n)) of itself, so that the first weights are soon
    forgotten in a short run (as in TensorFlow's ExponentialMovingAverage with ``num_updates``).

    Args:
        decay: how much of the average stays in a step, below 1. 0.999 averages over about the last 1,000 steps.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._averaged: AveragedModel | None = None

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: PreTrainedModel,
        **kwargs: Any,
    ) -> None:
        self._of(model).update_parameters(model)

    @contextmanager
    def in_place_of_weights(self, model: PreTrainedModel) -> Iterator[None]:
        """Inside the block the model has the average in place of its weights."""
        self._exchange(model)
        try:
            yield
        finally:
            self._exchange(model)

    def save(self, folder: Path) -> None:
        """Write the average into a checkpoint."""
        assert self._averaged is not None, "a checkpoint is written after a step"
        torch.save(self._averaged.state_dict(), folder / FILE)

    def load(self, folder: Path, model: PreTrainedModel) -> None:
        """Read the average of a checkpoint. One of a run without an average has none: it then starts anew.

        Args:
            model: whose weights are averaged.
        """
        if (folder / FILE).is_file():
            state = torch.load(folder / FILE, map_location=model.device, weights_only=True)
            self._of(model).load_state_dict(state)

    def _of(self, model: PreTrainedModel) -> AveragedModel:
        # Made late, when the model is on its device.
        if self._averaged is None:
            self._averaged = AveragedModel(model, multi_avg_fn=self._average)
        return self._averaged

    def _average(self, averages: Tensors, weights: Tensors, steps: Tensor | int) -> None:
        # ``steps`` may be on the GPU, for which the processor would wait; the buffer is not.
        assert self._averaged is not None
        number = int(self._averaged.n_averaged)
        get_ema_multi_avg_fn(min(self._decay, (1 + number) / (10 + number)))(averages, weights, number)

    def _exchange(self, model: PreTrainedModel) -> None:
        for own, average in zip(model.parameters(), self._of(model).module.parameters(), strict=True):
            own.data, average.data = average.data, own.data
