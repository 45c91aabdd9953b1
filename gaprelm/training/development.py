"""Metrics on the dev set during training, which choose the best checkpoint. They are the same in every stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as distributed
from transformers import PreTrainedModel

from gaprelm.data.records import ScoredSentence
from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import edits_to_labels
from gaprelm.edits.proposed import Thresholds, corrected
from gaprelm.evaluation.metrics import BETAS, reference_set, weighted_mean
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import SentenceCounts
from gaprelm.scoring.cherrant.score import total_counts
from gaprelm.scoring.counts import Counts
from gaprelm.training.batches.examples import Example, make_example
from gaprelm.training.task import Task

T = TypeVar("T")
# One threshold for all edit types is enough to rank checkpoints; calibration looks closer.
COMMON_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Measured:
    """What a model did on a whole dev set.

    gold: sums of ``Task.gold_counts``.
    candidates: for each of ``COMMON_THRESHOLDS`` the comparisons of every sentence with its references.
    """

    gold: np.ndarray
    candidates: list[list[list[SentenceCounts]]]

    def f(self, row: int, beta: float) -> float:
        """End-to-end F-beta at a common threshold, given by its place."""
        return total_counts(self.candidates[row], beta).f(beta)

    def metrics(self, row: int, beta: float) -> dict[str, float]:
        """The infiller's accuracy at gold masks, the planner's F-beta with its most likely labels, and end-to-end
        scores at a common threshold, given by its place."""
        masks, right, *planner = self.gold.tolist()
        total = total_counts(self.candidates[row], beta)
        return {
            "infill_accuracy": right / masks if masks else 0.0,
            "planner_f": Counts(*map(int, planner)).f(beta),
            "precision": total.precision,
            "recall": total.recall,
            **{name: self.f(row, value) for name, value in BETAS.items()},
        }


@dataclass(frozen=True)
class DevSets:
    """The dev sets of a stage together: their metrics are weighted means, at the common threshold that is best for the
    mean F-beta. It is the same threshold for all sets, because the finished model corrects all texts at one.

    sets: by name. weights: of each set. beta: of the F-beta.
    """

    sets: Mapping[str, DevSet]
    weights: Mapping[str, float]
    beta: float

    @property
    def sizes(self) -> dict[str, int]:
        """The number of sentences of each set, those of all processes."""
        return {name: dev.size for name, dev in self.sets.items()}

    def evaluate(self, model: PreTrainedModel) -> dict[str, float]:
        """The metrics of ``Measured``, their common threshold, and, if there are several sets, those of each: NAME_f0.5
        and so on."""
        found = {name: dev.measure(model) for name, dev in self.sets.items()}
        rows = range(len(COMMON_THRESHOLDS))
        best = max(rows, key=lambda row: self._mean({name: item.f(row, self.beta) for name, item in found.items()}))
        each = {name: item.metrics(best, self.beta) for name, item in found.items()}
        keys = next(iter(each.values()))
        means = {key: self._mean({name: metrics[key] for name, metrics in each.items()}) for key in keys}
        several = each if len(each) > 1 else {}
        named = {f"{name}_{key}": value for name, metrics in several.items() for key, value in metrics.items()}
        return means | {"threshold": COMMON_THRESHOLDS[best]} | named

    def _mean(self, values: Mapping[str, float]) -> float:
        return weighted_mean(values, self.weights)


class DevSet:
    """Dev metrics of a model on one set: each sentence is scored exactly once, on any number of processes.

    Args:
        path: aligned dev file.
        task: what kind of corrector it is.
        rules: of the model.
        batch_size: sentences per forward pass.
        annotator: extracts the edits.
        rank, world_size: this process among all.
    """

    def __init__(
        self,
        path: Path,
        task: Task,
        rules: LabelRules,
        batch_size: int,
        annotator: Annotator,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        sentences = read_scored_sentences(path)
        self.size = len(sentences)
        self.sentences: list[ScoredSentence] = sentences[rank::world_size]
        self._task, self._rules = task, rules
        self._batch_size, self._world_size = batch_size, world_size
        self._references = reference_set(self.sentences, annotator)

    def measure(self, model: PreTrainedModel) -> Measured:
        """What the model does on the set, the part of each process taken together."""
        model.eval()
        with torch.inference_mode():
            gold, candidates = self._gold_labels(model), self._end_to_end(model)
        return Measured(self._sum(gold), candidates)

    def _gold_labels(self, model: PreTrainedModel) -> np.ndarray:
        """Sums over gold pairs, see ``Task.gold_counts``."""
        batches = iterate_batches(self._examples(), self._batch_size)
        return sum((self._task.gold_counts(model, batch) for batch in batches), np.zeros(5))

    def _examples(self) -> list[Example]:
        """One example per (source, reference) pair that fits the model, sorted by length."""
        examples = []
        for sentence in self.sentences:
            for reference in sentence.references:
                edits = align(sentence.source, reference)
                if not self._rules.reason_left_out(edits_to_labels(len(sentence.source), edits)):
                    examples.append(make_example(sentence.source, edits, self._task.vocabulary, self._rules, 0, 0))
        return sorted(examples, key=lambda example: len(example.source_ids))

    def _end_to_end(self, model: PreTrainedModel) -> list[list[list[SentenceCounts]]]:
        """For each common threshold, the comparisons of every sentence of the whole dev set with its references."""
        proposals = self._task.proposer(model, self._batch_size)([s.source for s in self.sentences])
        own = []
        for value in COMMON_THRESHOLDS:
            thresholds: Thresholds = dict.fromkeys(EDIT_TYPES, value)
            pairs = zip(self.sentences, proposals, strict=True)
            own.append(self._references.candidates([corrected(s.source, p, thresholds) for s, p in pairs]))
        # The next evaluation is of other weights, whose hypotheses differ.
        self._references.forget()
        return self._gathered(own)

    def _gathered(self, own: list[list[list[SentenceCounts]]]) -> list[list[list[SentenceCounts]]]:
        """The comparisons of all processes, in the order of the file: the choice of references depends on the order."""
        if self._world_size == 1:
            return own
        parts: list = [None] * self._world_size
        distributed.all_gather_object(parts, own)
        return [
            [part[row][place] for place in range(len(parts[0][row])) for part in parts if place < len(part[row])]
            for row in range(len(own))
        ]

    def _sum(self, totals: np.ndarray) -> np.ndarray:
        if self._world_size == 1:
            return totals
        # NCCL only reduces tensors on GPUs; gloo gets tensors on the CPU.
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        tensor = torch.from_numpy(totals).to(device)
        distributed.all_reduce(tensor)
        return tensor.cpu().numpy()


def iterate_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``items`` in slices of ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
