"""What the trainer needs to know about a kind of corrector: its batches, losses and proposals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from gaprelm.correction.decoding import Proposer
from gaprelm.correction.reading import TextReader
from gaprelm.edits.labels import KEEP
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.collator import IGNORED, MODEL_INPUTS, PLANNER_INPUTS, Collator, model_inputs
from gaprelm.training.batches.examples import Example
from gaprelm.training.batches.passes import split_batch
from gaprelm.training.losses import LOSS_PARTS, LossSettings, loss_sums, loss_weights

Batch = dict[str, Tensor]
Propose = Callable[[Sequence[str]], list[list[ProposedEdit]]]


class Task(Protocol):
    """A kind of corrector, as the trainer sees it.

    loss_parts: names of the parts of the loss.
    coefficients: factor of each part; 0 switches it off.
    """

    @property
    def loss_parts(self) -> tuple[str, ...]: ...

    @property
    def coefficients(self) -> tuple[float, ...]: ...

    @property
    def vocabulary(self) -> CharacterVocabulary: ...

    @property
    def collate(self) -> Callable[[Sequence[Example]], Batch]:
        """Makes a batch: the model's inputs, the labels, and ``rows``, the places of the examples in the data set."""
        ...

    def passes(self, batch: Batch, most_tokens: int | None) -> list[Batch]:
        """The batch in pieces of at most so many tokens, if this kind of batch can be split."""
        ...

    def weights(self, batch: Batch) -> Tensor:
        """(parts,) the sum of the label weights of each part of the loss."""
        ...

    def sums(self, model: nn.Module, batch: Batch) -> Tensor:
        """(parts,) the weighted sum of the cross-entropies of each part of the loss; runs the forward pass."""
        ...

    def proposer(self, model: PreTrainedModel, batch_size: int) -> Propose:
        """A function that proposes edits for texts of any length, with a confidence for each edit."""
        ...

    def gold_counts(self, model: PreTrainedModel, examples: Sequence[Example]) -> np.ndarray:
        """(5,) counts over gold pairs: masks, masks filled right; tp, fp and fn of the labels that change something."""
        ...


@dataclass(frozen=True)
class GapReLMTask:
    """Trains a Gap-ReLM.

    losses: which losses count.
    aux_mlm_prob: share of the kept characters that get an auxiliary mask; 0 in stages without auxiliary masks.
    seed: of the auxiliary masks.
    counted: for models with ``enable_counts``, see ``Collator``.
    hides: whether auxiliary masks hide the character in the source too.
    """

    model: GapReLMModel
    vocabulary: CharacterVocabulary
    losses: LossSettings
    aux_mlm_prob: float
    seed: int
    counted: Sequence[CountedInputs] = ()
    hides: bool = False
    loss_parts = LOSS_PARTS

    @property
    def coefficients(self) -> tuple[float, ...]:
        return self.losses.coefficients

    @property
    def collate(self) -> Collator:
        return Collator(
            self.vocabulary, self.model.config.settings, self.aux_mlm_prob, self.seed, self.counted, self.hides
        )

    def passes(self, batch: Batch, most_tokens: int | None) -> list[Batch]:
        return split_batch(batch, most_tokens)

    def weights(self, batch: Batch) -> Tensor:
        return loss_weights(batch, self.losses)

    def sums(self, model: nn.Module, batch: Batch) -> Tensor:
        infills = self.losses.infill or self.losses.aux
        output = model(**model_inputs(batch, MODEL_INPUTS if infills else PLANNER_INPUTS), plans=self.losses.plans)
        return loss_sums(output, batch, self.losses)

    def proposer(self, model: PreTrainedModel, batch_size: int) -> Propose:
        assert isinstance(model, GapReLMModel)
        return TextReader(Proposer(model, self.vocabulary, batch_size))

    def gold_counts(self, model: PreTrainedModel, examples: Sequence[Example]) -> np.ndarray:
        # The counts know nothing of the sentences of dev: the last of them are of the whole training data.
        batch = Collator(self.vocabulary, self.model.config.settings, counted=self.counted[-1:])(examples)
        inputs = {name: tensor.to(model.device) for name, tensor in model_inputs(batch).items()}
        output = model(**inputs, plans=self.losses.plans)
        gold = (batch["answers"] != IGNORED) & ~batch["auxiliary"]
        right = (output.infill_logits.argmax(-1).cpu() == batch["answers"])[gold]
        totals = np.array([int(gold.sum()), int(right.sum()), 0, 0, 0], dtype=np.float64)
        for logits, name in ((output.operation_logits, "operations"), (output.insert_logits, "insert_counts")):
            # A planner that was left out proposes nothing.
            found = torch.full_like(batch[name], KEEP) if logits is None else logits.argmax(-1).cpu()
            totals[2:] += label_counts(found, batch[name])
        return totals


def label_counts(predicted: Tensor, labels: Tensor) -> tuple[int, int, int]:
    """tp, fp and fn of the labels that change something, that is, are not KEEP (0)."""
    predicted = torch.where(labels == IGNORED, KEEP, predicted)
    labels = labels.clamp(min=KEEP)
    right = (predicted == labels) & (labels != KEEP)
    found, wanted = int((predicted != KEEP).sum()), int((labels != KEEP).sum())
    return int(right.sum()), found - int(right.sum()), wanted - int(right.sum())
