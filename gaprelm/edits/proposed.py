"""The edits that a model proposes, with its confidence in each, and their selection by thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gaprelm.edits.edit import DELETE, INSERT, REPLACE, Edit, apply_edits

DEFAULT_THRESHOLDS = {REPLACE: 0.5, INSERT: 0.5, DELETE: 0.5}

Thresholds = Mapping[str, float]


@dataclass(frozen=True)
class ProposedEdit:
    """An atomic edit of the source with the model's confidence in it (0 to 1)."""

    edit: Edit
    confidence: float

    @property
    def type(self) -> str:
        return self.edit.type


def moved(proposal: ProposedEdit, offset: int) -> ProposedEdit:
    """The same edit in a text that has ``offset`` characters more before it."""
    start, end, text = proposal.edit
    return ProposedEdit(Edit(start + offset, end + offset, text), proposal.confidence)


def select_edits(proposals: Sequence[ProposedEdit], thresholds: Thresholds) -> list[ProposedEdit]:
    """The proposals whose confidence reaches the threshold of their type (keys ``replace``, ``insert``, ``delete``).

    Proposals of a type without a threshold are left out.
    """
    return [p for p in proposals if p.type in thresholds and p.confidence >= thresholds[p.type]]


def corrected(source: str, proposals: Sequence[ProposedEdit], thresholds: Thresholds) -> str:
    """The source with the proposals applied that reach their ``thresholds``."""
    return apply_edits(source, [proposal.edit for proposal in select_edits(proposals, thresholds)])
