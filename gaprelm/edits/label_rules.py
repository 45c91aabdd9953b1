"""Which pairs a model can learn from, and which of their edits it learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from gaprelm.edits.edit import DELETE, EDIT_TYPES, INSERT, REPLACE, Edit
from gaprelm.edits.labels import Labels, edits_to_labels, reason_left_out


@dataclass(frozen=True)
class LabelRules:
    """The limits and the switches of a model that labels depend on, under the names of config.yaml.

    This is the one place that says which types of edits the switches stand for. Whoever labels a pair asks here: the
    step ``template`` for pairs, training for errors that it generates, and the dev set.
    """

    max_insert_num: int
    max_seq_length: int
    enable_insert: bool = True
    enable_delete: bool = True
    enable_gap: bool = True

    @classmethod
    def of(cls, settings: Any) -> LabelRules:
        """The rules of anything that has these keys as attributes: settings or the configuration of a model."""
        return cls(**{field.name: getattr(settings, field.name) for field in fields(cls)})

    @property
    def edit_types(self) -> frozenset[str]:
        """Types of edits that are learned; the others are left in the text as if they were correct."""
        if not self.enable_gap:
            return frozenset({REPLACE})
        switches = {INSERT: self.enable_insert, DELETE: self.enable_delete, REPLACE: True}
        return frozenset(name for name, on in switches.items() if on)

    def reason_left_out(self, labels: Labels) -> str | None:
        """Why a pair does not fit the model, or None where it does.

        Args:
            labels: of all edits of the pair, whatever is switched off.
        """
        return reason_left_out(labels, self.max_insert_num, self.max_seq_length)

    def fits(self, sentence: str) -> bool:
        """Whether a clean sentence can get errors; the others are counted, for the same reasons, in summary.json."""
        return self.reason_left_out(edits_to_labels(len(sentence), [])) is None

    def learned(self, length: int, edits: Sequence[Edit]) -> Labels:
        """The labels that are learned of a source of ``length`` characters: those of ``edit_types``."""
        types = self.edit_types
        if len(types) < len(EDIT_TYPES):
            edits = [edit for edit in edits if edit.type in types]
        return edits_to_labels(length, edits)
