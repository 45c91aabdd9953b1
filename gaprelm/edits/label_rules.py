"""Which pairs a model can learn from, and which of their edits it learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from gaprelm.edits.edit import DELETE, EDIT_TYPES, INSERT, REPLACE, Edit
from gaprelm.edits.labels import Labels, edits_to_labels, reason_left_out


@dataclass(frozen=True)
class LabelRules:
    """The limits and switches of a model on which the labels depend, under their names in config.yaml.

    This class alone knows which types of edits the switches stand for. It is used wherever pairs are labelled: by the
    step ``template``, by training for the errors that it generates, and for the dev set.
    """

    max_insert_num: int
    max_seq_length: int
    enable_insert: bool = True
    enable_delete: bool = True
    enable_gap: bool = True

    @classmethod
    def of(cls, settings: Any) -> LabelRules:
        """The rules of anything that has these keys as attributes: settings or the configuration of a model."""
        return cls(**{key: getattr(settings, key) for key in LABEL_KEYS})

    @property
    def edit_types(self) -> frozenset[str]:
        """The types of edits that are learned; errors of other types stay in the text as if they were correct."""
        if not self.enable_gap:
            return frozenset({REPLACE})
        switches = {INSERT: self.enable_insert, DELETE: self.enable_delete, REPLACE: True}
        return frozenset(name for name, on in switches.items() if on)

    def reason_left_out(self, labels: Labels) -> str | None:
        """Why a pair does not fit the model, or None if it does.

        Args:
            labels: of all edits of the pair, even of types that are switched off.
        """
        return reason_left_out(labels, self.max_insert_num, self.max_seq_length)

    def fits(self, sentence: str) -> bool:
        """Whether a clean sentence fits the model; summary.json counts the others by the same reasons as pairs."""
        return self.reason_left_out(edits_to_labels(len(sentence), [])) is None

    def learned(self, length: int, edits: Sequence[Edit]) -> Labels:
        """The labels to be learned for a source of ``length`` characters: only edits of ``edit_types`` have labels."""
        types = self.edit_types
        if len(types) < len(EDIT_TYPES):
            edits = [edit for edit in edits if edit.type in types]
        return edits_to_labels(length, edits)


# The keys of config.yaml that labels depend on.
LABEL_KEYS = tuple(item.name for item in fields(LabelRules))
