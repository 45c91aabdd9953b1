"""Counting as the base that the network corrects: the network's scores are added to those of counts and channel.

The base is a noisy channel (``gaprelm.counts``). At the start of training a small model proposes what counting
proposes. It learns from there: what the context says against it, and how far to trust counts of which kind.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gaprelm.counts.evidence import DELETE_PARTS, INSERT_PARTS, REPLACE_PARTS
from gaprelm.edits.labels import DELETE, NUM_OPERATIONS, REPLACE
from gaprelm.model.counted_inputs import NEVER

# Slope and offset by which counted log-odds become the probability that the best edit is right, as on text with errors.
_SLOPE, _OFFSET = 0.65, -1.2
# The log-odds of each character that counting does not think of, when the infiller writes. Thousands of them together
# stay unlikely.
_UNLIKELY = -16.0
# The log-odds at first that a character is wrong and counting does not think of the right one; of a gap of several.
_OTHER, _LONG_GAP = -8.0, -6.0
# What the encoder reads of the scores: a few of the best, in this range and divided by it.
_RANGE = 16.0
_SEEN, _SEEN_MISSING = 4, 2
_WIDTH = 32
# The size of the infiller's states at first, relative to that of a model without counts.
FAINT = 0.1


class Counted(NamedTuple):
    """The counted inputs of b sentences, in the order of ``gaprelm.model.counted_inputs.SHAPES``."""

    replace_candidates: Tensor
    replace_scores: Tensor
    replace_evidence: Tensor
    delete_scores: Tensor
    delete_evidence: Tensor
    insert_candidates: Tensor
    insert_scores: Tensor
    insert_evidence: Tensor

    def of(self, rows: Tensor) -> Counted:
        """Those of the sentences ``rows``."""
        return Counted(*(part[rows] for part in self))


class Candidates(NamedTuple):
    """What the network makes of the candidates: log-odds of each, ``NEVER`` where there is none.

    replace_candidates, replace: (b, s, k). insert_candidates, insert: (b, s, l).
    """

    replace_candidates: Tensor
    replace: Tensor
    insert_candidates: Tensor
    insert: Tensor


class Weighing(nn.Module):
    """Log-odds of candidates: counted ones times a slope, and what their parts and the context say.

    Args:
        parts: numbers that tell of a candidate's score (``gaprelm.counts.evidence``).
    """

    def __init__(self, parts: int, hidden_size: int) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(()))
        self.parts = nn.Linear(parts, _WIDTH)
        self.context = nn.Linear(hidden_size, _WIDTH, bias=False)
        self.weight = nn.Linear(_WIDTH, 1, bias=False)

    def forward(self, scores: Tensor, evidence: Tensor, states: Tensor) -> Tensor:
        """(b, s, k) float32, ``NEVER`` where there is no candidate.

        Args:
            scores: (b, s, k). evidence: (b, s, k, parts). states: (b, s, hidden) of the encoder.
        """
        context = self.context(states)[:, :, None]
        added = self.weight(functional.gelu(self.parts(evidence.to(context.dtype)) + context))[..., 0].float()
        # Below, counting says no more than that it is unlikely.
        return torch.where(scores > NEVER, self.slope * scores.clamp(min=_UNLIKELY) + added, NEVER)


class CountedBase(nn.Module):
    """Adds what counting says to the scores of planner and infiller, and to what the encoder reads.

    All weights start such that counting adds nothing; ``start_from_counts`` makes it the model's first guess.
    """

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.replace = Weighing(REPLACE_PARTS, hidden_size)
        self.delete = Weighing(DELETE_PARTS, hidden_size)
        self.insert = Weighing(INSERT_PARTS, hidden_size)
        # How much the log-odds weigh for the planner: of deleting, inserting, and replacing without tagging.
        self.planned = nn.Parameter(torch.zeros(3))
        # How much they weigh for the infiller, and what all other characters have: in place of a character, in a gap.
        self.written = nn.Parameter(torch.zeros(2))
        self.unlikely = nn.Parameter(torch.zeros(2))
        # Log-odds that a character is wrong and the right one no candidate.
        self.other = nn.Linear(hidden_size, 1)
        self.features = nn.Linear(_SEEN + 1 + _SEEN_MISSING, hidden_size)
        self.candidate = nn.Linear(hidden_size, hidden_size, bias=False)

    @torch.no_grad()
    def reset(self, std: float) -> None:
        """Make counting add nothing."""
        for parameter in self.parameters():
            nn.init.zeros_(parameter)
        for weighing in (self.replace, self.delete, self.insert):
            nn.init.normal_(weighing.parts.weight, std=0.3)
            nn.init.normal_(weighing.context.weight, std=std)
        nn.init.constant_(self.other.bias, _OTHER)

    @torch.no_grad()
    def start_from_counts(self, operation_head: nn.Linear, insert_head: nn.Linear, norm: nn.Module) -> None:
        """Make counting the first guess of a model whose other weights are random.

        Planner and infiller add next to nothing at first.

        Args:
            norm: of the infiller's states, before the vocabulary projection.
        """
        for weighing in (self.replace, self.delete, self.insert):
            weighing.slope.fill_(_SLOPE)
        self.planned.fill_(1.0)
        self.written.fill_(1.0)
        self.unlikely.fill_(_UNLIKELY)
        nn.init.normal_(self.features.weight, std=0.02)
        nn.init.normal_(self.candidate.weight, std=0.02)
        operation_head.weight.zero_()
        operation_head.bias.copy_(torch.tensor([0.0, _OFFSET, _OFFSET]))
        insert_head.weight.zero_()
        insert_head.bias.fill_(_LONG_GAP)
        insert_head.bias[:2] = torch.tensor([0.0, _OFFSET])
        # With exactly 0 the encoder would get no gradient from the infiller: it then learns how often each character
        # occurs, and no more, however long it is trained.
        nn.init.constant_(norm.get_parameter("weight"), FAINT)

    def seen(self, counted: Counted, embeddings: nn.Module) -> Tensor:
        """(b, s, hidden) to be added to the embedding of the source: the best scores, and what they would write."""
        scores = counted.replace_scores[..., :_SEEN]
        parts = (scores, counted.delete_scores[..., None], counted.insert_scores[..., :_SEEN_MISSING])
        features = torch.cat(parts, -1).clamp(-_RANGE, _RANGE) / _RANGE
        # The source's own character has log-odds 0 and is not added: it is the embedding already.
        written = embeddings(counted.replace_candidates[..., :_SEEN])
        shares = functional.pad(scores, (0, 1)).softmax(-1)[..., :_SEEN].to(written.dtype)
        return self.features(features.to(shares.dtype)) + self.candidate((shares[..., None] * written).sum(-2))

    def candidates(self, counted: Counted, states: Tensor) -> Candidates:
        """The log-odds of the candidates at states (b, s, hidden) of the encoder."""
        return Candidates(
            counted.replace_candidates,
            self.replace(counted.replace_scores, counted.replace_evidence, states),
            counted.insert_candidates,
            self.insert(counted.insert_scores, counted.insert_evidence, states),
        )

    def source_logits(
        self, states: Tensor, source_ids: Tensor, candidates: Candidates, embeddings: nn.Module, bias: Tensor
    ) -> Tensor:
        """Logits (b, s, k + 2) of the right character at each source token: its own, the candidates, another.

        The infiller's head says how well each fits, as for a mask; but it need not think of the whole vocabulary.

        Args:
            states: (b, s, hidden) of the infiller's head before its last product.
            embeddings: gives the rows of that product for token ids, (…) to (…, hidden).
            bias: (v,) of that product.
        """
        characters = torch.cat([source_ids[..., None], candidates.replace_candidates], -1)
        fit = (embeddings(characters) @ states[..., None])[..., 0] + rows_of(bias[:, None], characters)[..., 0]
        odds = functional.pad(candidates.replace, (1, 0))
        return torch.cat([fit.float() + odds, self.other(states).float()], -1)

    def source_classes(self, characters: Tensor, source_ids: Tensor, candidates: Candidates) -> Tensor:
        """(b, s) the place of characters (b, s) in ``source_logits``."""
        known = (candidates.replace_candidates == characters[..., None]) & (candidates.replace > NEVER)
        place = torch.where(known.any(-1), known.int().argmax(-1) + 1, known.shape[-1] + 1)
        return torch.where(characters == source_ids, 0, place)

    def plan(
        self, operations: Tensor, inserts: Tensor, counted: Counted, candidates: Candidates, states: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The logits of operations (b, s, 3) and insert counts (b, s, n) with the log-odds of deleting, and of one
        missing character."""
        delete = self.delete(counted.delete_scores[..., None], counted.delete_evidence[..., None, :], states)
        delete = self.planned[0] * delete.clamp(min=_UNLIKELY)
        operations = operations + functional.pad(delete, (DELETE, NUM_OPERATIONS - 1 - DELETE))
        one = self.planned[1] * _any(candidates.insert)
        return operations, inserts + functional.pad(one, (1, inserts.shape[-1] - 2))

    def replace_odds(self, operations: Tensor, candidates: Candidates) -> Tensor:
        """The logits of operations (b, s, 3) with the log-odds that some candidate is right; without tagging."""
        odds = self.planned[2] * _any(candidates.replace)
        return operations + functional.pad(odds, (REPLACE, NUM_OPERATIONS - 1 - REPLACE))

    def template_logits(
        self, logits: Tensor, candidates: Candidates, positions: Tensor, slots: Tensor, mask_index: Tensor
    ) -> Tensor:
        """Logits (m, v) of what to write at each mask, with the log-odds of the candidates.

        Candidates of gaps count where one character is missing: of longer gaps counting knows nothing.

        Args:
            positions, slots: (b, t) of the template.
            mask_index: (m,) row * t + column.
        """
        places = source_places(mask_index, positions, candidates.replace.shape[1])
        next_slots = functional.pad(slots[:, 1:], (0, 1))
        slot, alone = slots.flatten()[mask_index], next_slots.flatten()[mask_index] != 2
        here = Candidates(*(part.flatten(0, 1) for part in candidates))
        replace = torch.where((slot == 0)[:, None], rows_of(here.replace, places), NEVER)
        insert = torch.where(((slot == 1) & alone)[:, None], rows_of(here.insert, places), NEVER)
        logits = self._lifted(logits, here.replace_candidates[places], replace, 0)
        return self._lifted(logits, here.insert_candidates[places], insert, 1)

    def _lifted(self, logits: Tensor, characters: Tensor, odds: Tensor, kind: int) -> Tensor:
        """Logits (m, v) in which characters (m, k) have their log-odds, and all other characters ``unlikely``.

        All are raised by the same number, which changes no probability: so only the candidates have to be touched.
        """
        known = odds > NEVER
        raised = self.written[kind] * torch.where(known, odds, 0.0) - self.unlikely[kind]
        return logits.scatter_add(-1, characters, torch.where(known, raised, 0.0).to(logits.dtype))


def source_places(mask_index: Tensor, positions: Tensor, tokens: int) -> Tensor:
    """(m,) row * tokens + column of the source token at the position of each mask.

    Args:
        mask_index: (m,) row * t + column in the template.
        positions: (b, t) of the template.
        tokens: width of the source.
    """
    return mask_index // positions.shape[1] * tokens + positions.flatten()[mask_index]


def rows_of(table: Tensor, numbers: Tensor) -> Tensor:
    """(…, width) rows of a table (rows, width). Its gradient adds in a fixed order on any number of threads; that of
    ``table[numbers]`` does not (PyTorch's notes on reproducibility), and a resumed run would differ in the last bit."""
    return functional.embedding(numbers, table)


def _any(odds: Tensor) -> Tensor:
    """(b, s, 1) the log-odds that one of the candidates is right."""
    return odds.logsumexp(-1, keepdim=True).clamp(min=_UNLIKELY)
