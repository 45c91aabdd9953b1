"""Runs planner and infiller with torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.activations import GELUActivation

from gaprelm.correction.backends.interface import Backend, PlannerProbabilities, SourceBatch
from gaprelm.correction.backends.network import InferenceNetwork, LinearFactory, plain_linear
from gaprelm.model.counted import Counted
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary


class TorchBackend(Backend):
    """Runs a model on its device, in its precision.

    Args:
        model: in evaluation mode. Its weights are used as they are now; after more training, make a new backend.
        vocabulary: of the model.
    """

    def __init__(self, model: GapReLMModel, vocabulary: CharacterVocabulary) -> None:
        self.settings, self.counts = ModelSettings.from_config(model.config.to_dict()), model.counts
        self.device = model.device
        with torch.inference_mode():
            self._network = InferenceNetwork(model, vocabulary.emittable(), _linear_for(model)).eval()

    @torch.inference_mode()
    def plan(self, source: SourceBatch) -> PlannerProbabilities:
        operations, inserts, memory = self._network.plan(*self._read(source))
        # With two passes the infiller reads the source again, so nothing is kept.
        memory = None if self._network.two_passes else memory
        return PlannerProbabilities(operations.cpu().numpy(), inserts.cpu().numpy(), replace(source, memory=memory))

    @torch.inference_mode()
    def fill(
        self, source: SourceBatch, rows: np.ndarray, template: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        inputs = {name: self._tensor(array) for name, array in template.items()}
        inputs["source_mask"] = self._tensor(source.mask[rows])
        counted = self._counted(source)
        counted = counted and counted.of(self._tensor(rows))
        memory = None
        if self._network.two_passes:
            inputs["source_ids"] = self._tensor(source.ids[rows])
        else:
            read = source.memory or self._network.read(*self._read(source))
            memory = read if len(rows) == len(source.ids) else read.of(self._tensor(rows))
        tokens, probabilities = self._network.fill(**inputs, memory=memory, counted=counted)
        return tokens.cpu().numpy(), probabilities.cpu().numpy()

    def _read(self, source: SourceBatch) -> tuple[Tensor, Tensor | None, Counted | None]:
        mask = None if source.mask.all() else self._tensor(source.mask)
        return self._tensor(source.ids), mask, self._counted(source)

    def _counted(self, source: SourceBatch) -> Counted | None:
        return (
            Counted(**{name: self._tensor(part) for name, part in source.counted.items()}) if source.counted else None
        )

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device)


class PackedLinear(nn.Module):
    """A linear layer whose weights lie in oneDNN's own layout, as in what torch's compiler makes of frozen models.

    In fp32 it takes half the time of ``nn.Linear`` on processors of other makers than Intel that have AVX-512
    (``benchmarks/inference.py``).
    """

    def __init__(self, weight: Tensor, bias: Tensor, activation: nn.Module | None = None) -> None:
        super().__init__()
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous())
        self._bias = bias.clone()
        fused = isinstance(activation, GELUActivation) and activation.act is functional.gelu
        self._fused = ("gelu", [], "none") if fused else ("none", [], "")
        self._activation = None if fused else activation

    def forward(self, states: Tensor) -> Tensor:
        states = torch.ops.mkldnn._linear_pointwise(states, self._weight, self._bias, *self._fused)
        return self._activation(states) if self._activation else states


def _linear_for(model: GapReLMModel) -> LinearFactory:
    """The faster kind of linear layer for the model's device and precision."""
    if model.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return plain_linear
    try:
        # The operator belongs to torch's compiler, not to its public interface. Other versions of torch may lack it or
        # refuse bf16, so it is tried first.
        sample = torch.zeros(2, 2, dtype=model.dtype)
        PackedLinear(sample, sample[0])(sample)
    except (AttributeError, RuntimeError, TypeError):
        return plain_linear
    return PackedLinear
