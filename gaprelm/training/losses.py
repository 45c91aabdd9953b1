"""The loss: L_operation + L_insert + lambda_infill · L_infill + mu_aux · L_aux + nu_tag · L_tag.

Each part is a weighted mean of cross-entropies, over the labels of all ranks and accumulated batches of a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from gaprelm.model.modeling import GapReLMOutput
from gaprelm.training.batches.collator import IGNORED

LOSS_PARTS = ("operation", "insert", "infill", "aux", "tag")
# Label weights under enable_f2: the rare labels weigh more, which favours recall.
F2_OPERATION_WEIGHTS = (1.0, 3.0, 2.0)  # KEEP, DELETE, REPLACE
F2_INSERT_WEIGHT = 5.0


@dataclass(frozen=True)
class LossSettings:
    """Which parts of the loss count, and how much.

    operation, insert, infill, aux, tag: the factor of each part; 0 switches it off.
    enable_f2: class weights DELETE 3, REPLACE 2 (its tag too), insert count > 0: 5.
    """

    operation: float
    insert: float
    infill: float
    aux: float
    tag: float
    enable_f2: bool

    @property
    def plans(self) -> bool:
        """Whether the planner learns."""
        return bool(self.operation or self.insert or self.tag)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """The factors in the order of ``LOSS_PARTS``."""
        return tuple(getattr(self, part) for part in LOSS_PARTS)


def loss_weights(batch: dict[str, Tensor], settings: LossSettings) -> Tensor:
    """(5,) the sum of the label weights of each part in this batch."""
    return torch.stack(
        [
            _operation_weights(batch["operations"], settings).sum(),
            _insert_weights(batch["insert_counts"], settings).sum(),
            *(part.sum() for part in _infill_weights(batch)),
            _tag_weights(batch, settings).sum(),
        ]
    )


def loss_sums(output: GapReLMOutput, batch: dict[str, Tensor], settings: LossSettings) -> Tensor:
    """(5,) the weighted sum of the cross-entropies of each part.

    It is 0, with a gradient path, for a part without labels; and 0 where the planner or the infiller was left out.
    """
    operation = insert = gold = auxiliary = tag = torch.zeros((), device=batch["operations"].device)
    if output.operation_logits is not None and output.insert_logits is not None:
        losses = _cross_entropy(output.operation_logits.flatten(0, 1), batch["operations"].flatten())
        operation = (losses * _operation_weights(batch["operations"], settings).flatten()).sum()
        losses = _cross_entropy(output.insert_logits.flatten(0, 1), batch["insert_counts"].flatten())
        insert = (losses * _insert_weights(batch["insert_counts"], settings).flatten()).sum()
    if output.infill_logits is not None:
        losses = _cross_entropy(output.infill_logits, batch["answers"])
        gold, auxiliary = ((losses * weights).sum() for weights in _infill_weights(batch))
    if output.tag_log_probabilities is not None:
        tag = -(output.tag_log_probabilities * _tag_weights(batch, settings)).sum()
    return torch.stack([operation, insert, gold, auxiliary, tag])


def combine(sums: Tensor, weights: Tensor, coefficients: Sequence[float]) -> tuple[Tensor, Tensor]:
    """The loss and its parts, from ``sums`` of this batch and ``weights`` of all batches of the step."""
    parts = sums / weights.clamp(min=1e-8)
    # The factors stay Python numbers: copying a tensor of them to a GPU would wait for the whole forward pass.
    loss = sum((factor * part for factor, part in zip(coefficients, parts.unbind(), strict=True)), parts.new_zeros(()))
    return loss, parts


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits.float(), labels, ignore_index=IGNORED, reduction="none")


def _operation_weights(labels: Tensor, settings: LossSettings) -> Tensor:
    weights = (labels != IGNORED).float()
    if settings.enable_f2:
        for operation, weight in enumerate(F2_OPERATION_WEIGHTS):
            weights = torch.where(labels == operation, weight, weights)
    return weights


def _insert_weights(labels: Tensor, settings: LossSettings) -> Tensor:
    weights = (labels != IGNORED).float()
    return torch.where(labels > 0, weights * F2_INSERT_WEIGHT, weights) if settings.enable_f2 else weights


def _tag_weights(batch: dict[str, Tensor], settings: LossSettings) -> Tensor:
    return _operation_weights(batch["operations"], settings) * (batch["tags"] != IGNORED)


def _infill_weights(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The weights of gold masks and of auxiliary masks, each (m,)."""
    known = (batch["answers"] != IGNORED).float()
    auxiliary = batch["auxiliary"].float()
    return known * (1 - auxiliary), known * auxiliary
