"""From a model to edits: plan, fill, keep what is confident enough.

An edit is proposed where the planner's probability reaches the model's ``proposal_threshold``, and made where its
confidence reaches the threshold of its type. The templates therefore do not depend on the thresholds, and one pass
over a data set is enough to know what every threshold would do.

Confidence is the probability of exactly this edit: the planner's for the operation or the count, times the infiller's
for each character written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gaprelm.data.collator import Collator, model_inputs
from gaprelm.data.examples import Example
from gaprelm.edits import edit as edit_types
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.labels import DELETE, KEEP, REPLACE, Labels, labels_to_edits
from gaprelm.edits.proposed import ProposedEdit, Thresholds
from gaprelm.modeling_gaprelm import GapReLMModel
from gaprelm.splitting import split_text
from gaprelm.tokenization import CharacterVocabulary


def select_edits(proposals: Sequence[ProposedEdit], thresholds: Thresholds) -> list[ProposedEdit]:
    """The proposals whose confidence reaches the threshold of their type (keys ``replace``, ``insert``, ``delete``)."""
    return [proposal for proposal in proposals if proposal.confidence >= thresholds[proposal.type]]


def corrected(source: str, proposals: Sequence[ProposedEdit], thresholds: Thresholds) -> str:
    """The target under ``thresholds``."""
    return apply_edits(source, [proposal.edit for proposal in select_edits(proposals, thresholds)])


class Proposer:
    """Runs planner and infiller over sentences.

    Args:
        model: in evaluation mode, on the device to use.
        vocabulary: the model's.
        batch_size: sentences a forward pass.
    """

    def __init__(self, model: GapReLMModel, vocabulary: CharacterVocabulary, batch_size: int = 32) -> None:
        self._model, self._vocabulary, self._batch_size = model, vocabulary, batch_size
        self._config = model.config
        self._collate = Collator.for_model(vocabulary, self._config)
        forbidden = ~vocabulary.emittable()
        if self._config.aux_gap_prob:
            # "Nothing" is never written, but takes its share of the probability.
            forbidden[vocabulary.pad_id] = False
        self._forbidden = torch.from_numpy(forbidden).to(model.device)
        self.max_length = self._config.max_seq_length - 2

    def __call__(self, texts: Sequence[str], batch_size: int | None = None) -> list[list[ProposedEdit]]:
        """Proposals for each text of any length, in ascending order, with offsets into the whole text.

        Texts that are too long for the model (``max_length`` characters) are split (``gaprelm.splitting``); empty ones
        get no proposals.

        Args:
            batch_size: sentences a forward pass, instead of the one given at the start.
        """
        pieces = [split_text(text, self.max_length) for text in texts]
        sentences = [piece for parts in pieces for piece in parts]
        proposals = iter(self._propose_all(sentences, batch_size or self._batch_size))
        results = []
        for parts in pieces:
            offset, edits = 0, []
            for piece in parts:
                for proposal in next(proposals):
                    start, end, text = proposal.edit
                    edits.append(ProposedEdit(Edit(start + offset, end + offset, text), proposal.confidence))
                offset += len(piece)
            results.append(edits)
        return results

    def _propose_all(self, sentences: list[str], batch_size: int) -> list[list[ProposedEdit]]:
        """Proposals for sentences that fit, run in batches of similar length."""
        results: list[list[ProposedEdit]] = [[] for _ in sentences]
        order = sorted((i for i, s in enumerate(sentences) if s), key=lambda i: len(sentences[i]))
        with torch.inference_mode():
            for start in range(0, len(order), batch_size):
                batch = order[start : start + batch_size]
                for index, proposals in zip(batch, self._propose([sentences[i] for i in batch]), strict=True):
                    results[index] = proposals
        return results

    def _propose(self, sentences: list[str]) -> list[list[ProposedEdit]]:
        plans = self._plan(sentences)
        proposals: list[list[ProposedEdit]] = [plan.certain_deletions() for plan in plans]
        open_plans = [index for index, plan in enumerate(plans) if plan.masks()]
        if open_plans:
            chosen = [plans[index] for index in open_plans]
            for index, filled in zip(open_plans, self._fill(chosen), strict=True):
                proposals[index] = filled
        return proposals

    def _plan(self, sentences: list[str]) -> list[_Plan]:
        encoded = [np.array(self._vocabulary.encode(sentence), dtype=np.int32) for sentence in sentences]
        if not self._config.enable_gap:
            return [_rewrite_everything(text, ids) for text, ids in zip(sentences, encoded, strict=True)]
        width = max(len(ids) for ids in encoded) + 2
        source = np.full((len(encoded), width), self._vocabulary.pad_id, dtype=np.int64)
        for row, ids in enumerate(encoded):
            source[row, : len(ids) + 2] = [self._vocabulary.cls_id, *ids, self._vocabulary.sep_id]
        lengths = np.array([len(ids) for ids in encoded])
        mask = np.arange(width) < (lengths + 2)[:, None]
        output = self._model(self._to_device(source), self._to_device(mask))
        operations = output.operation_logits.float().softmax(-1).cpu().numpy()
        inserts = output.insert_logits.float().softmax(-1).cpu().numpy()
        return [
            self._decide(text, ids, operations[row, 1 : len(ids) + 1], inserts[row, : len(ids) + 1])
            for row, (text, ids) in enumerate(zip(sentences, encoded, strict=True))
        ]

    def _decide(self, text: str, ids: np.ndarray, operations: np.ndarray, inserts: np.ndarray) -> _Plan:
        """Propose every operation and count whose probability reaches the proposal threshold."""
        floor = self._config.proposal_threshold
        delete = operations[:, DELETE] if self._config.enable_delete else np.zeros(len(ids))
        replace = operations[:, REPLACE]
        chosen = np.where(delete > replace, DELETE, REPLACE)
        probability = np.maximum(delete, replace)
        chosen = np.where(probability >= floor, chosen, KEEP)
        counts = inserts[:, 1:].argmax(-1) + 1
        certainty = inserts[np.arange(len(counts)), counts]
        wanted = (1 - inserts[:, 0] >= floor) & self._config.enable_insert
        room = self._config.max_seq_length - 2 - len(ids) + int((chosen == DELETE).sum())
        wanted &= np.cumsum(np.where(wanted, counts, 0)) <= room
        return _Plan(text, ids, chosen.astype(np.int8), np.where(wanted, counts, 0), probability, certainty)

    def _fill(self, plans: list[_Plan]) -> list[list[ProposedEdit]]:
        examples = [
            Example(0, 0, plan.ids, plan.operations, plan.insert_counts, np.zeros(plan.gold_masks(), dtype=np.int32))
            for plan in plans
        ]
        batch = self._collate(examples)
        output = self._model(**{name: tensor.to(self._model.device) for name, tensor in model_inputs(batch).items()})
        shares = output.infill_logits.float().masked_fill(self._forbidden, -torch.inf).softmax(-1)
        shares[:, self._vocabulary.pad_id] = 0.0
        probabilities, tokens = shares.max(-1)
        rows = batch["mask_index"].numpy() // batch["template_ids"].shape[1]
        own = ~batch["auxiliary"].numpy()  # in full templates kept characters are masked too, but stay as they are
        probabilities, tokens = probabilities.cpu().numpy(), tokens.cpu().numpy()
        if not self._config.enable_gap:
            own = np.ones_like(own)
        return [
            plan.proposals(
                [self._vocabulary.tokens[token] for token in tokens[own & (rows == row)]],
                probabilities[own & (rows == row)],
            )
            for row, plan in enumerate(plans)
        ]

    def _to_device(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self._model.device)


@dataclass(frozen=True)
class _Plan:
    """What the planner proposes for a sentence of n characters, with its probabilities."""

    text: str
    ids: np.ndarray
    operations: np.ndarray
    insert_counts: np.ndarray
    operation_probability: np.ndarray
    count_probability: np.ndarray

    def masks(self) -> bool:
        return bool((self.operations == REPLACE).any() or self.insert_counts.any())

    def gold_masks(self) -> int:
        return int((self.operations == REPLACE).sum() + self.insert_counts.sum())

    def certain_deletions(self) -> list[ProposedEdit]:
        """Proposals of a plan without masks: what is deleted needs no infiller."""
        return self.proposals([], np.zeros(0))

    def proposals(self, answers: list[str], probabilities: np.ndarray) -> list[ProposedEdit]:
        """The edits, given an answer and its probability for each mask, in template order."""
        labels = Labels(self.operations.tolist(), self.insert_counts.tolist(), answers)
        proposals, used = [], 0
        for edit in labels_to_edits(labels):
            if edit.type == edit_types.INSERT:
                certainty = self.count_probability[edit.start]
            else:
                certainty = self.operation_probability[edit.start]
            certainty = float(certainty * probabilities[used : used + len(edit.text)].prod())
            used += len(edit.text)
            # The infiller may put the source's own character back: then there is nothing to change.
            if edit.type != edit_types.REPLACE or edit.text != self.text[edit.start]:
                proposals.append(ProposedEdit(edit, certainty))
        return proposals


def _rewrite_everything(text: str, ids: np.ndarray) -> _Plan:
    """Plain ReLM: every character is written anew."""
    n = len(ids)
    return _Plan(text, ids, np.full(n, REPLACE, np.int8), np.zeros(n + 1, np.int64), np.ones(n), np.ones(n + 1))


def iterate_batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """``items`` in slices of ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
