"""From a model to edits: plan, fill, keep what is confident enough.

An edit is proposed where the planner's probability reaches the model's ``proposal_threshold``. It is made where its
confidence reaches the threshold of its type. So the templates do not depend on the thresholds of the types, and one
pass over a data set is enough to know what any of these thresholds would do.

Confidence is the probability of exactly this edit: the planner's for the operation or the count, times the infiller's
for each character written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gaprelm.correction.backends.interface import Backend, SourceBatch
from gaprelm.edits import edit as edit_types
from gaprelm.edits.edit import Edit
from gaprelm.edits.labels import DELETE, KEEP, REPLACE
from gaprelm.edits.proposed import ProposedEdit, Thresholds, select_edits
from gaprelm.edits.template import build_templates
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.inputs import places, source_half, template_half
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary

if TYPE_CHECKING:
    from gaprelm.model.modeling import GapReLMModel

_NOTHING = np.zeros(0, np.int64)


class Proposer:
    """Runs planner and infiller over sentences.

    Args:
        model: a backend; or a model in evaluation mode, which torch runs with the weights that it has now.
        vocabulary: of the model.
        batch_size: how many pieces go through the model in one forward pass.
    """

    def __init__(self, model: Backend | GapReLMModel, vocabulary: CharacterVocabulary, batch_size: int = 32) -> None:
        if not isinstance(model, Backend):
            # Imported only here, because the other backends do not need torch.
            from gaprelm.correction.backends.torch_backend import TorchBackend

            model = TorchBackend(model, vocabulary)
        self._backend, self._vocabulary, self._batch_size = model, vocabulary, batch_size
        self._settings = model.settings
        self._counted = CountedInputs(model.counts, vocabulary, model.settings) if model.counts else None
        self.max_length = model.settings.max_seq_length - 2

    def __call__(
        self, pieces: Sequence[str], batch_size: int | None = None, thresholds: Thresholds | None = None
    ) -> list[list[ProposedEdit]]:
        """Proposals for each piece, in ascending order; none for an empty one.

        Args:
            pieces: of at most ``max_length`` characters (``gaprelm.correction.reading.TextReader`` cuts longer texts).
            batch_size: used instead of the Proposer's own.
            thresholds: by type; only proposals that reach the threshold of their type are returned, and none of types
                that are missing. The infiller then does not run on pieces in which even the planner's probabilities
                are below the thresholds of all that is to be written. None returns all proposals.

        Raises:
            ValueError: a piece is too long.
        """
        size = batch_size or self._batch_size
        return propose_in_batches(pieces, self.max_length, size, lambda batch: self._propose(batch, thresholds))

    def _propose(self, sentences: list[str], thresholds: Thresholds | None) -> list[list[ProposedEdit]]:
        encoded = [self._vocabulary.encode(sentence) for sentence in sentences]
        lengths = np.array([len(ids) for ids in encoded])
        ids = np.array([i for ids in encoded for i in ids], dtype=np.int64)
        half = source_half(self._vocabulary, ids, lengths)
        source = SourceBatch(
            half["source_ids"], half["source_mask"], self._counted(ids, lengths) if self._counted else {}
        )
        if self._settings.enable_gap:
            planned = self._backend.plan(source)
            source = planned.source
            plans = _decide(planned.operations, planned.inserts, lengths, self._settings)
        else:
            plans = _rewrite_everything(lengths)
        units = plans.units()
        rows = units.rows_to_fill(thresholds)
        tokens, probabilities = self._fill(source, plans, rows) if len(rows) else (_NOTHING, _NOTHING)
        answers = [self._vocabulary.tokens[token] for token in tokens.tolist()]
        proposals = units.edits(sentences, rows, answers, probabilities.tolist())
        return proposals if thresholds is None else [select_edits(some, thresholds) for some in proposals]

    def _fill(self, source: SourceBatch, plans: _Plans, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """A token and its probability for each mask of a planned edit in the sentences ``rows``, in template order."""
        lengths = plans.lengths[rows]
        chosen, columns = places(lengths)
        gap_rows, gaps = places(lengths + 1)
        operations, counts = plans.operations[rows[chosen], columns], plans.insert_counts[rows[gap_rows], gaps]
        template = build_templates(operations, counts, lengths, self._settings.template)
        half = template_half(self._vocabulary, template, self._settings.template, source.ids[rows], lengths)
        # In full templates kept characters are masked too, but stay as they are.
        half["mask_index"] = half["mask_index"][~template.kept[template.masked]]
        return self._backend.fill(source, rows, half)


def propose_in_batches(
    pieces: Sequence[str],
    max_length: int,
    batch_size: int,
    propose: Callable[[list[str]], Sequence[list[ProposedEdit]]],
) -> list[list[ProposedEdit]]:
    """Proposals for pieces, which are run in batches of similar length.

    Args:
        pieces: in any order; empty ones are not run.
        max_length: most characters of a piece.
        batch_size: most pieces of a batch.
        propose: gives the proposals of each piece of a batch.

    Raises:
        ValueError: a piece is longer than ``max_length``.
    """
    for piece in pieces:
        if len(piece) > max_length:
            raise ValueError(
                f"found a piece of {len(piece)} characters; expected at most {max_length}\n"
                "  cure: gaprelm.correction.reading.TextReader reads texts of any length"
            )
    found: list[list[ProposedEdit]] = [[] for _ in pieces]
    order = sorted((i for i, piece in enumerate(pieces) if piece), key=lambda i: len(pieces[i]))
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        for index, proposals in zip(batch, propose([pieces[i] for i in batch]), strict=True):
            found[index] = proposals
    return found


@dataclass(frozen=True)
class _Units:
    """The planned edits of a batch, u in all, in template order; all arrays are (u,).

    rows: the sentence. gaps: the gap of an insertion, else the gap after the character. inserted: bool.
    widths: characters to be written, 0 for deletions. certainties: the planner's probability.
    """

    rows: np.ndarray
    gaps: np.ndarray
    inserted: np.ndarray
    widths: np.ndarray
    certainties: np.ndarray

    def rows_to_fill(self, thresholds: Thresholds | None) -> np.ndarray:
        """Sentences with something to write that can reach its threshold, in ascending order."""
        wanted = self.widths > 0
        if thresholds is not None:
            insert, replace = (thresholds.get(name, math.inf) for name in (edit_types.INSERT, edit_types.REPLACE))
            wanted &= self.certainties >= np.where(self.inserted, insert, replace)
        return np.unique(self.rows[wanted])

    def edits(
        self,
        sentences: Sequence[str],
        rows: np.ndarray,
        answers: Sequence[str],
        probabilities: Sequence[float],
    ) -> list[list[ProposedEdit]]:
        """The edits of each sentence.

        Args:
            sentences: of the batch.
            rows: those that were filled.
            answers, probabilities: of the masks of these, in template order.
        """
        proposals: list[list[ProposedEdit]] = [[] for _ in sentences]
        written, used = np.isin(self.rows, rows), 0
        arrays = (self.rows, self.gaps, self.inserted, self.widths, self.certainties, written)
        for row, gap, inserted, width, certainty, filled in zip(*(array.tolist() for array in arrays), strict=True):
            if width and not filled:
                continue
            text, confidence = "".join(answers[used : used + width]), certainty
            for probability in probabilities[used : used + width]:
                confidence *= probability
            used += width
            # The infiller may put the source's own character back: then there is nothing to change.
            if not inserted and text == sentences[row][gap - 1]:
                continue
            proposals[row].append(ProposedEdit(Edit(gap if inserted else gap - 1, gap, text), confidence))
        return proposals


@dataclass(frozen=True)
class _Plans:
    """What the planner proposes for b sentences of up to n characters, with its probabilities.

    lengths: (b,). operations, operation_probability: (b, n). insert_counts, count_probability: (b, n + 1).
    """

    lengths: np.ndarray
    operations: np.ndarray
    insert_counts: np.ndarray
    operation_probability: np.ndarray
    count_probability: np.ndarray

    def units(self) -> _Units:
        """The planned edits."""
        kinds = np.zeros((*self.insert_counts.shape, 2), dtype=bool)
        kinds[:, 1:, 0] = self.operations != KEEP
        kinds[:, :, 1] = self.insert_counts > 0
        rows, gaps, inserted = np.nonzero(kinds)
        before = np.maximum(gaps - 1, 0)
        replaced = self.operations[rows, before] == REPLACE
        return _Units(
            rows,
            gaps,
            inserted == 1,
            np.where(inserted, self.insert_counts[rows, gaps], replaced),
            np.where(inserted, self.count_probability[rows, gaps], self.operation_probability[rows, before]),
        )


def _decide(operations: np.ndarray, inserts: np.ndarray, lengths: np.ndarray, settings: ModelSettings) -> _Plans:
    """Propose every operation and count whose probability reaches the proposal threshold.

    Args:
        operations, inserts: of ``Backend.plan``, (b, n + 2, …).
        lengths: (b,) characters a sentence.
    """
    floor, width = settings.proposal_threshold, int(lengths.max())
    inside = np.arange(width) < lengths[:, None]
    operations, inserts = operations[:, 1 : width + 1], inserts[:, : width + 1]
    delete = operations[..., DELETE] if settings.enable_delete else np.zeros(inside.shape, operations.dtype)
    replace = operations[..., REPLACE]
    probability = np.maximum(delete, replace)
    chosen = np.where((probability >= floor) & inside, np.where(delete > replace, DELETE, REPLACE), KEEP)
    counts = inserts[..., 1:].argmax(-1) + 1
    certainty = np.take_along_axis(inserts, counts[..., None], axis=-1)[..., 0]
    wanted = (1 - inserts[..., 0] >= floor) & (np.arange(width + 1) <= lengths[:, None]) & settings.enable_insert
    room = settings.max_seq_length - 2 - lengths + (chosen == DELETE).sum(-1)
    wanted &= np.cumsum(np.where(wanted, counts, 0), axis=-1) <= room[:, None]
    return _Plans(lengths, chosen, np.where(wanted, counts, 0), probability, certainty)


def _rewrite_everything(lengths: np.ndarray) -> _Plans:
    """Plain ReLM: every character is written anew."""
    shape = (len(lengths), int(lengths.max()))
    gaps = (shape[0], shape[1] + 1)
    operations = np.where(np.arange(shape[1]) < lengths[:, None], REPLACE, KEEP)
    return _Plans(lengths, operations, np.zeros(gaps, np.int64), np.ones(shape), np.ones(gaps))
