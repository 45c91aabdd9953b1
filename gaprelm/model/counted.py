"""Counting as the base that the network corrects: the network's scores are added to those of counts and channel.

The base is a noisy channel (``gaprelm.counts``). At the start of training a small model proposes what counting
proposes, and learns from there.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from gaprelm.edits.labels import DELETE, NUM_OPERATIONS
from gaprelm.model.counted_inputs import INSERTIONS, NEVER, REPLACEMENTS

# Slope and offset by which counted log-odds become the probability that the best edit is right, as on text with errors.
_SLOPE, _OFFSET = 0.65, -1.2
# The log-odds of each character that counting does not think of. Thousands of them together stay unlikely.
_UNLIKELY = -16.0
# The log-odds at first that a character is wrong and counting does not think of the right one; of a gap of several.
_OTHER, _LONG_GAP = -8.0, -6.0
# What the network reads of the scores: a few of the best, in this range and divided by it.
_RANGE = 16.0
_SEEN = 4
_FEATURES = _SEEN + 1 + 2


class Counted(NamedTuple):
    """The counted inputs of b sentences, see ``CountedInputs``; all (b, s) or (b, s, candidates)."""

    replace_candidates: Tensor
    replace_scores: Tensor
    delete_scores: Tensor
    insert_candidates: Tensor
    insert_scores: Tensor

    def of(self, rows: Tensor) -> Counted:
        """Those of the sentences ``rows``."""
        return Counted(*(part[rows] for part in self))


class CountedBase(nn.Module):
    """Adds what counting says to the scores of planner and infiller, and to what the encoder reads.

    All weights start as 0, which adds nothing; ``start_from_counts`` makes counting the model's first guess.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        # Slopes of the log-odds of: replacing (planner), replacing (infiller), deleting, inserting (planner and
        # infiller).
        self.slopes = nn.Parameter(torch.zeros(5))
        # Log-odds of characters that are no candidates, for the infiller: when replacing, and inserting.
        self.unlikely = nn.Parameter(torch.zeros(2))
        # Log-odds that the right character is none of the candidates, for the planner.
        self.other = nn.Linear(hidden_size, 1)
        self.features = nn.Linear(_FEATURES, hidden_size)
        self.candidate = nn.Linear(hidden_size, hidden_size, bias=False)

    @torch.no_grad()
    def reset(self) -> None:
        """Add nothing."""
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
        nn.init.constant_(self.other.bias, _OTHER)

    @torch.no_grad()
    def start_from_counts(self, operation_head: nn.Linear, insert_head: nn.Linear, norm: nn.Module) -> None:
        """Make counting the first guess of a model whose other weights are random.

        Planner and infiller add nothing at first: their last products are 0.

        Args:
            norm: of the infiller's states, before the vocabulary projection.
        """
        self.slopes.fill_(_SLOPE)
        self.unlikely.fill_(_UNLIKELY)
        nn.init.normal_(self.features.weight, std=0.02)
        nn.init.normal_(self.candidate.weight, std=0.02)
        operation_head.weight.zero_()
        operation_head.bias.copy_(torch.tensor([0.0, _OFFSET, _OFFSET]))
        insert_head.weight.zero_()
        insert_head.bias.fill_(_LONG_GAP)
        insert_head.bias[:2] = torch.tensor([0.0, _OFFSET])
        nn.init.zeros_(norm.get_parameter("weight"))

    def seen(self, counted: Counted, embeddings: nn.Embedding) -> Tensor:
        """(b, s, hidden) to be added to the embedding of the source: the best scores, and what they would write."""
        scores = counted.replace_scores[..., :_SEEN]
        parts = (scores, counted.delete_scores[..., None], counted.insert_scores[..., :2])
        features = torch.cat(parts, -1).clamp(-_RANGE, _RANGE) / _RANGE
        # The source's own character has log-odds 0 and is not added: it is the embedding already.
        shares = nn.functional.pad(scores, (0, 1)).softmax(-1)[..., :_SEEN].to(self.candidate.weight.dtype)
        written = embeddings(counted.replace_candidates[..., :_SEEN])
        return self.features(features.to(shares.dtype)) + self.candidate((shares[..., None] * written).sum(-2))

    def source_logits(
        self, states: Tensor, source_ids: Tensor, counted: Counted, embeddings: Tensor, bias: Tensor
    ) -> Tensor:
        """Logits (b, s, candidates + 2) of the right character at each source token: its own, the candidates, another.

        The infiller's head says how well each fits, as for a mask; but it need not think of the whole vocabulary.

        Args:
            states: (b, s, hidden) of the infiller's head before its last product.
            embeddings, bias: (v, hidden) and (v,) of that product.
        """
        characters = torch.cat([source_ids[..., None], counted.replace_candidates], -1)
        fit = (embeddings[characters] @ states[..., None])[..., 0] + bias[characters]
        scores = nn.functional.pad(self.slopes[0] * counted.replace_scores, (1, 0))
        return torch.cat([fit.float() + scores, self.other(states).float()], -1)

    def source_classes(self, characters: Tensor, source_ids: Tensor, counted: Counted) -> Tensor:
        """(b, s) the place of characters (b, s) in ``source_logits``."""
        known = (counted.replace_candidates == characters[..., None]) & (counted.replace_scores > NEVER)
        place = torch.where(known.any(-1), known.int().argmax(-1) + 1, known.shape[-1] + 1)
        return torch.where(characters == source_ids, 0, place)

    def plan(self, operations: Tensor, inserts: Tensor, counted: Counted, replaces: bool) -> tuple[Tensor, Tensor]:
        """The logits of operations (b, s, 3) and insert counts (b, s, n) with the counted log-odds.

        Args:
            replaces: whether those of REPLACE are added here; with ``enable_tagging`` they are in ``source_logits``.
        """
        delete = self.slopes[2] * counted.delete_scores.clamp(min=_UNLIKELY)
        added = nn.functional.pad(delete[..., None], (DELETE, NUM_OPERATIONS - 1 - DELETE))
        if replaces:
            odds = self.slopes[0] * counted.replace_scores.clamp(min=_UNLIKELY).logsumexp(-1)
            added = added + nn.functional.pad(odds[..., None], (2, 0))
        one = self.slopes[3] * counted.insert_scores.clamp(min=_UNLIKELY).logsumexp(-1)
        return operations + added, inserts + nn.functional.pad(one[..., None], (1, inserts.shape[-1] - 2))

    def template_logits(
        self, logits: Tensor, counted: Counted, positions: Tensor, slots: Tensor, mask_index: Tensor
    ) -> Tensor:
        """Logits (m, v) of what to write at each mask, with the counted log-odds.

        Candidates of gaps count where one character is missing: of longer gaps counting knows nothing.

        Args:
            positions, slots: (b, t) of the template.
            mask_index: (m,) row * t + column.
        """
        width = positions.shape[1]
        rows, places = mask_index // width, positions.flatten()[mask_index]
        next_slots = nn.functional.pad(slots[:, 1:], (0, 1))
        slot, alone = slots.flatten()[mask_index], next_slots.flatten()[mask_index] != 2
        replace = torch.where((slot == 0)[:, None], counted.replace_scores[rows, places], NEVER)
        insert = torch.where(((slot == 1) & alone)[:, None], counted.insert_scores[rows, places], NEVER)
        logits = _lifted(logits, counted.replace_candidates[rows, places], replace, self.slopes[1], self.unlikely[0])
        return _lifted(logits, counted.insert_candidates[rows, places], insert, self.slopes[4], self.unlikely[1])


def _lifted(logits: Tensor, candidates: Tensor, scores: Tensor, slope: Tensor, unlikely: Tensor) -> Tensor:
    """Logits (…, v) in which the candidates (…, k) have their log-odds, and all other characters ``unlikely``.

    All are raised by the same number, which changes no probability: so only the candidates have to be touched.
    """
    known = scores > NEVER
    raised = torch.where(known, slope * torch.where(known, scores, 0.0) - unlikely, 0.0)
    return logits.scatter_add(-1, candidates, raised.to(logits.dtype))


assert REPLACEMENTS >= _SEEN
assert INSERTIONS >= 2
