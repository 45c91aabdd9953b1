"""What a model proposes: an edit and its confidence in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gaprelm.edits.edit import Edit

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
