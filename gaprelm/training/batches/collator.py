"""Makes padded batches of examples, without a loop over tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gaprelm.edits.labels import KEEP, REPLACE
from gaprelm.edits.template import Template, build_templates
from gaprelm.model.counted_inputs import COUNTED_INPUTS, CountedInputs, padded_together
from gaprelm.model.inputs import padded, places, source_half, template_half
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.examples import Example

IGNORED = -100
MODEL_INPUTS = (
    "source_ids",
    "source_mask",
    "template_ids",
    "template_positions",
    "template_slots",
    "template_mask",
    "mask_index",
    "tags",
    *COUNTED_INPUTS,
)
PLANNER_INPUTS = ("source_ids", "source_mask", "tags", *COUNTED_INPUTS)


def model_inputs(batch: dict[str, Tensor], names: tuple[str, ...] = MODEL_INPUTS) -> dict[str, Tensor]:
    """The arguments of ``GapReLMModel.forward`` in a batch; with ``PLANNER_INPUTS`` the pass runs the planner alone."""
    return {name: batch[name] for name in names if name in batch}


def uniform_draws(seed: int, epochs: np.ndarray, indices: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1) that depend on (seed, epoch, index, place) alone: the same in every batch and on every rank.

    The mixing function of splitmix64 (Steele, Lea, Flood 2014), applied to the four numbers one after the other.
    """
    state = np.full(len(places), seed, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for number in (epochs, indices, places):
            state = state + number.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) / (1 << 53)


@dataclass(frozen=True)
class Collator:
    """Makes batches for ``GapReLMModel.forward`` with the labels for ``gaprelm.training.losses``.

    Args:
        vocabulary: ids of the special tokens.
        settings: of the model; without ``enable_gap`` every character is masked (plain ReLM).
        aux_mlm_prob: share of the kept characters that get an auxiliary mask.
        seed: of the auxiliary masks.
        counted: for models with ``enable_counts``: makes the counted inputs of each fold of the training data
            (``gaprelm.counts.folds``), and as the last of them of other sentences.
        hides: whether auxiliary masks hide the character in the source too. The planner cannot judge what it does not
            see, so it has no labels there.
    """

    vocabulary: CharacterVocabulary
    settings: ModelSettings
    aux_mlm_prob: float = 0.0
    seed: int = 0
    counted: Sequence[CountedInputs] = ()
    hides: bool = False

    def __call__(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """A batch of b examples with s source tokens and t template tokens each, padding included, and m masks in all.

        我再 → 我在 and 上 → 我上, with sparse templates (K keep, R replace, [M] [MASK], - ignored)::

            source_ids     [CLS] 我    再    [SEP]        [CLS] 上    [SEP] [PAD]
            operations     -     K     R     -            -     K     -     -
            insert_counts  0     0     0     -            1     0     -     -
            tags           -     我    在    -            -     上    -     -

            template_ids   我    [M]   [SEP]              [M]   上    [SEP]
            positions      1     2     3                  0     1     2
            slots          0     0     0                  1     0     0

            mask_index     1, 3: row * 3 + column of each [M]
            answers        在, 我

        Returns:
            the inputs of ``GapReLMModel.forward``; the labels ``operations``, ``insert_counts`` and ``tags``, each
            (b, s) at the places of the planner's logits, and ``answers`` (m,), all ignored where they are -100;
            ``auxiliary`` (m,) bool; ``rows`` (b,), the places of the examples in the data set; and the counted inputs,
            if there are. A tag is the right character in place of a source character that is not deleted.
        """
        lengths = np.array([len(example.source_ids) for example in examples])
        ids = np.concatenate([example.source_ids for example in examples]).astype(np.int64)
        operations = np.concatenate([example.operations for example in examples])
        counts = np.concatenate([example.insert_counts for example in examples])
        template = build_templates(
            operations if self.settings.enable_gap else np.full_like(operations, REPLACE),
            counts,
            lengths,
            self.settings.template,
            self._auxiliary_masks(examples, lengths, operations),
        )
        batch = source_half(self.vocabulary, ids, lengths)
        batch |= template_half(self.vocabulary, template, self.settings.template, batch["source_ids"], lengths)
        shape = batch["source_ids"].shape
        rows, columns = places(lengths)
        batch["operations"] = padded(shape, rows, columns + 1, operations, IGNORED)
        batch["insert_counts"] = padded(shape, *places(lengths + 1), counts, IGNORED)
        batch["answers"] = self._answers(examples, template, batch)
        batch["tags"] = _tags(batch, template)
        batch["auxiliary"] = template.kept[template.masked]
        batch["rows"] = np.array([example.index for example in examples])
        if self.aux_mlm_prob and self.hides:
            self._hide(batch, template)
        if self.counted:
            batch |= self._counted(examples, batch)
        return {name: torch.from_numpy(array) for name, array in batch.items()}

    def _hide(self, batch: dict[str, np.ndarray], template: Template) -> None:
        """Mask the characters with auxiliary masks in the source too."""
        places = template.rows[template.kept], template.positions[template.kept]
        batch["source_ids"][places] = self.vocabulary.mask_id
        batch["operations"][places] = batch["tags"][places] = IGNORED

    def _counted(self, examples: Sequence[Example], batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The counted inputs, each sentence scored by the counts of the other folds."""
        folds = np.array([example.fold for example in examples]) % len(self.counted)
        parts = []
        for fold in np.unique(folds).tolist():
            numbers = np.flatnonzero(folds == fold)
            lengths = np.array([len(examples[number].source_ids) for number in numbers.tolist()])
            rows, columns = places(lengths)
            parts.append((numbers, self.counted[fold](batch["source_ids"][numbers[rows], columns + 1], lengths)))
        return padded_together(parts, len(examples))

    def _auxiliary_masks(
        self, examples: Sequence[Example], lengths: np.ndarray, operations: np.ndarray
    ) -> np.ndarray | None:
        """(c,) bool, the kept characters that are masked too; None if there are none."""
        if not self.aux_mlm_prob:
            return None
        return (_draws(self.seed, examples, lengths) < self.aux_mlm_prob) & (operations == KEEP)

    def _answers(self, examples: Sequence[Example], template: Template, batch: dict[str, np.ndarray]) -> np.ndarray:
        """(m,) the answer of every mask: the gold character, or a kept character itself ([UNK] is never an answer)."""
        rows, positions, edited = _masks(template, batch["operations"])
        answers = batch["source_ids"][rows, positions]
        answers[answers == self.vocabulary.unk_id] = IGNORED
        # All masks were given their own character above. Edited ones get the answer of the pair instead.
        answers[edited] = np.concatenate([example.answers for example in examples])
        return answers


def _tags(batch: dict[str, np.ndarray], template: Template) -> np.ndarray:
    """(b, s) the right character in place of each that is not deleted: itself, or the answer of its mask."""
    operations = batch["operations"]
    tags = np.where((operations == KEEP) | (operations == REPLACE), batch["source_ids"], IGNORED)
    rows, positions, edited = _masks(template, operations)
    replaced = edited & (template.slots[template.masked] == 0)
    tags[rows[replaced], positions[replaced]] = batch["answers"][replaced]
    return tags


def _masks(template: Template, operations: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The row and the position of every mask, and whether the pair has an answer for it; each (m,).

    Args:
        operations: (b, s) of the batch.
    """
    rows, positions, slots = (array[template.masked] for array in (template.rows, template.positions, template.slots))
    return rows, positions, (slots > 0) | (operations[rows, positions] == REPLACE)


def _draws(seed: int, examples: Sequence[Example], sizes: np.ndarray) -> np.ndarray:
    """A random number for each of the ``sizes`` places of every example, one after the other."""
    epochs = np.repeat([example.epoch for example in examples], sizes)
    indices = np.repeat([example.index for example in examples], sizes)
    return uniform_draws(seed, epochs, indices, np.concatenate([np.arange(size) for size in sizes]))
