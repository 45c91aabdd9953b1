"""Metrics on the dev set while training: for choosing the best checkpoint, in every stage the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.distributed as distributed

from gaprelm.data.collator import IGNORED, MODEL_INPUTS, Collator
from gaprelm.data.examples import LabelRules, make_example
from gaprelm.data.tables import ScoredSentence, read_scored_sentences
from gaprelm.decoding import Proposer, corrected, iterate_batches
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.labels import KEEP, edits_to_labels, reason_left_out
from gaprelm.modeling_gaprelm import GapReLMModel
from gaprelm.scoring.character_edits import sentence_counts
from gaprelm.scoring.counts import Counts
from gaprelm.tokenization import CharacterVocabulary

# One threshold for all edit types is enough to rank checkpoints; calibration looks closer.
COMMON_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class DevSet:
    """Dev metrics of a model: each sentence is scored exactly once, on any number of processes.

    Args:
        path: aligned dev file.
        vocabulary, rules: of the model.
        batch_size: sentences a forward pass.
        beta: of the F that selects.
        rank, world_size: this process among all.
    """

    def __init__(
        self,
        path: Path,
        vocabulary: CharacterVocabulary,
        rules: LabelRules,
        batch_size: int,
        beta: float,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self.sentences: list[ScoredSentence] = read_scored_sentences(path)[rank::world_size]
        self._vocabulary, self._rules = vocabulary, rules
        self._batch_size, self._beta, self._world_size = batch_size, beta, world_size

    def evaluate(self, model: GapReLMModel) -> dict[str, float]:
        """Infill accuracy at gold masks, planner F at its likeliest labels, end-to-end scores at the best threshold."""
        model.eval()
        with torch.inference_mode():
            gold = self._gold_labels(model)
            edits = self._end_to_end(model)
        masks, right, *planner = self._sum(gold).tolist()
        by_threshold = [Counts(*map(int, row)) for row in self._sum(edits).tolist()]
        best = max(range(len(by_threshold)), key=lambda i: by_threshold[i].f(self._beta))
        counts = by_threshold[best]
        return {
            "infill_accuracy": right / masks if masks else 0.0,
            "planner_f": Counts(*map(int, planner)).f(self._beta),
            "precision": counts.precision,
            "recall": counts.recall,
            "f0.5": counts.f(0.5),
            "f1": counts.f(1.0),
            "f2": counts.f(2.0),
            "threshold": COMMON_THRESHOLDS[best],
        }

    def _gold_labels(self, model: GapReLMModel) -> np.ndarray:
        """Sums over gold pairs: masks, right fills; planner labels other than KEEP and 0: tp, fp, fn."""
        collate = Collator(self._vocabulary, model.config.template, 0.0, 0, model.config.enable_gap)
        totals = np.zeros(5)
        for batch in iterate_batches(self._examples(), self._batch_size):
            tensors = collate(batch)
            output = model(**{name: tensors[name].to(model.device) for name in MODEL_INPUTS})
            gold = (tensors["answers"] != IGNORED) & ~tensors["auxiliary"]
            filled = output.infill_logits.argmax(-1).cpu()
            totals[0] += int(gold.sum())
            totals[1] += int((filled == tensors["answers"])[gold].sum())
            for logits, name in ((output.operation_logits, "operations"), (output.insert_logits, "insert_counts")):
                labels = tensors[name]
                predicted = torch.where(labels == IGNORED, KEEP, logits.argmax(-1).cpu())
                labels = labels.clamp(min=KEEP)
                right = (predicted == labels) & (labels != KEEP)
                totals[2] += int(right.sum())
                totals[3] += int(((predicted != KEEP) & ~right).sum())
                totals[4] += int(((labels != KEEP) & ~right).sum())
        return totals

    def _examples(self) -> list:
        """One example a (source, reference) pair that fits the model."""
        examples = []
        for sentence in self.sentences:
            for reference in sentence.references:
                edits = align(sentence.source, reference)
                labels = edits_to_labels(len(sentence.source), edits)
                if not reason_left_out(labels, self._rules.max_insert_num, self._rules.max_seq_length):
                    examples.append(make_example(sentence.source, edits, self._vocabulary, self._rules, 0, 0))
        return sorted(examples, key=lambda example: len(example.source_ids))

    def _end_to_end(self, model: GapReLMModel) -> np.ndarray:
        """(thresholds, 3) tp, fp, fn of the whole pipeline at each common threshold."""
        proposals = Proposer(model, self._vocabulary, self._batch_size)([s.source for s in self.sentences])
        totals = np.zeros((len(COMMON_THRESHOLDS), 3))
        for sentence, proposed in zip(self.sentences, proposals, strict=True):
            scores: dict[str, np.ndarray] = {}
            for row, value in enumerate(COMMON_THRESHOLDS):
                hypothesis = corrected(sentence.source, proposed, dict.fromkeys(EDIT_TYPES, value))
                if hypothesis not in scores:
                    counts = sentence_counts(sentence.source, hypothesis, sentence.references)
                    total = sum(counts.values(), Counts())
                    scores[hypothesis] = np.array([total.tp, total.fp, total.fn])
                totals[row] += scores[hypothesis]
        return totals

    def _sum(self, totals: np.ndarray) -> np.ndarray:
        if self._world_size == 1:
            return totals
        # NCCL reduces on the GPU only, gloo on the CPU.
        device = "cuda" if distributed.get_backend() == "nccl" else "cpu"
        tensor = torch.from_numpy(totals).to(device)
        distributed.all_reduce(tensor)
        return tensor.cpu().numpy()
