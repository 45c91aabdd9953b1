"""The task that trains taggers, and the proposals of taggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel

from gaprelm.correction.decoding import propose_in_batches
from gaprelm.correction.reading import TextReader
from gaprelm.edits.proposed import ProposedEdit, Thresholds
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines import TAGGING
from gaprelm.studies.baselines.labels import proposals, tag_labels
from gaprelm.studies.baselines.tagging import DELETE_LABEL, FIRST_REPLACE, KEEP_LABEL, TaggingModel
from gaprelm.training.batches.collator import IGNORED
from gaprelm.training.batches.examples import Example
from gaprelm.training.kinds import register
from gaprelm.training.losses import F2_INSERT_WEIGHT, F2_OPERATION_WEIGHTS
from gaprelm.training.task import Batch, Propose


@dataclass(frozen=True)
class TaggingTask:
    """Trains a tagger.

    enable_f2: whether rare labels weigh more, as in the losses of a Gap-ReLM.
    """

    model: TaggingModel
    vocabulary: CharacterVocabulary
    enable_f2: bool
    loss_parts = ("label",)
    coefficients = (1.0,)

    def collate(self, examples: Sequence[Example]) -> Batch:
        """source_ids, source_mask (b, s); labels, unchanged (tokens,): each token's label, and the one for no edit."""
        cls_id, sep_id = [self.vocabulary.cls_id], [self.vocabulary.sep_id]
        ids = [torch.from_numpy(np.concatenate([cls_id, e.source_ids, sep_id]).astype(np.int64)) for e in examples]
        labels = np.concatenate([tag_labels(e, self.model.config.architecture, self.vocabulary) for e in examples])
        source = pad_sequence(ids, batch_first=True, padding_value=self.vocabulary.pad_id)
        lengths = torch.tensor([len(i) for i in ids])
        return {
            "source_ids": source,
            "source_mask": torch.arange(source.shape[1]) < lengths[:, None],
            "labels": torch.from_numpy(labels),
            "unchanged": self._unchanged(torch.cat(ids)),
            "rows": torch.tensor([e.index for e in examples]),
        }

    def _unchanged(self, ids: Tensor) -> Tensor:
        return ids if self.model.config.architecture == TAGGING else torch.full_like(ids, KEEP_LABEL)

    def passes(self, batch: Batch, most_tokens: int | None) -> list[Batch]:
        return [batch]

    def weights(self, batch: Batch) -> Tensor:
        return self._label_weights(batch).sum()[None]

    def sums(self, model: nn.Module, batch: Batch) -> Tensor:
        logits = model(batch["source_ids"], batch["source_mask"])
        losses = functional.cross_entropy(logits.float(), batch["labels"], ignore_index=IGNORED, reduction="none")
        return (losses * self._label_weights(batch)).sum()[None]

    def _label_weights(self, batch: Batch) -> Tensor:
        labels = batch["labels"]
        weights = (labels != IGNORED).float()
        if not self.enable_f2:
            return weights
        _, delete, replace = F2_OPERATION_WEIGHTS
        weights = torch.where(labels != batch["unchanged"], weights * replace, weights)
        if self.model.config.architecture != TAGGING:
            weights = torch.where(labels == DELETE_LABEL, weights * delete / replace, weights)
            appended = labels >= FIRST_REPLACE + len(self.vocabulary)
            weights = torch.where(appended, weights * F2_INSERT_WEIGHT / replace, weights)
        return weights

    def proposer(self, model: PreTrainedModel, batch_size: int) -> Propose:
        assert isinstance(model, TaggingModel)
        return TextReader(TaggingProposer(model, self.vocabulary, batch_size))

    def gold_counts(self, model: PreTrainedModel, examples: Sequence[Example]) -> np.ndarray:
        batch = self.collate(examples)
        device = model.device
        predicted = model(batch["source_ids"].to(device), batch["source_mask"].to(device)).argmax(-1).cpu()
        labels, unchanged = batch["labels"], batch["unchanged"]
        known = labels != IGNORED
        right = int(((predicted == labels) & (labels != unchanged) & known).sum())
        found, wanted = (int(((x != unchanged) & known).sum()) for x in (predicted, labels))
        return np.array([0, 0, right, found - right, wanted - right], dtype=np.float64)


def register_taggers() -> None:
    """Let the engine train and load taggers; to be called before either."""
    register(TaggingModel, lambda model, vocabulary, settings: TaggingTask(model, vocabulary, settings.enable_f2))


class TaggingProposer:
    """Proposals of a tagger for pieces of text, as ``gaprelm.correction.decoding.Proposer`` gives them."""

    def __init__(self, model: TaggingModel, vocabulary: CharacterVocabulary, batch_size: int) -> None:
        self._model, self._vocabulary, self._batch_size = model, vocabulary, batch_size
        self.max_length = model.config.max_seq_length - 2
        never = torch.from_numpy(~vocabulary.emittable())
        if model.config.architecture != TAGGING:
            never = torch.cat([torch.zeros(FIRST_REPLACE, dtype=torch.bool), never, never])
        self._never = never.to(model.device)

    def __call__(
        self, pieces: Sequence[str], batch_size: int | None = None, thresholds: Thresholds | None = None
    ) -> list[list[ProposedEdit]]:
        with torch.inference_mode():
            return propose_in_batches(pieces, self.max_length, batch_size or self._batch_size, self._propose)

    def _propose(self, sentences: list[str]) -> list[list[ProposedEdit]]:
        vocabulary, config = self._vocabulary, self._model.config
        rows = [torch.tensor([vocabulary.cls_id, *vocabulary.encode(s), vocabulary.sep_id]) for s in sentences]
        source = pad_sequence(rows, batch_first=True, padding_value=vocabulary.pad_id).to(self._model.device)
        lengths = torch.tensor([len(row) for row in rows])
        mask = (torch.arange(source.shape[1]) < lengths[:, None]).to(source.device)
        logits = self._model(source, mask).float().masked_fill(self._never, -torch.inf)
        shares = logits.softmax(-1)
        unchanged = torch.cat(rows) if config.architecture == TAGGING else torch.full((len(shares),), KEEP_LABEL)
        # A label that changes nothing is not a proposal; the other labels keep their probabilities.
        shares[torch.arange(len(shares)), unchanged.to(shares.device)] = 0.0
        parts = shares.cpu().split(lengths.tolist())
        return [
            list(proposals(text, part.numpy(), config.architecture, vocabulary, config.proposal_threshold))
            for text, part in zip(sentences, parts, strict=True)
        ]
