"""Counts of real errors: what was written where something else was meant, left out, or put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from gaprelm.characters import is_han
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import DELETE, INSERT, Edit


@dataclass
class ErrorCounts:
    """What people do to Chinese characters, counted over pairs of a written and a correct sentence.

    meant: how often a character stands in a correct sentence.
    written: for (character that was meant, character that was written) how often; only where they differ.
    missing: characters that were left out. repeated, extra: characters too many, equal to a neighbour or not.
    """

    meant: Counter[str] = field(default_factory=Counter)
    written: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[str, str]]) -> ErrorCounts:
        """Count (source, target) pairs."""
        counts = cls()
        for source, target in pairs:
            counts.add_pair(source, target)
        return counts

    @classmethod
    def total(cls, parts: Iterable[ErrorCounts]) -> ErrorCounts:
        """The sum of counts."""
        counts = cls()
        for part in parts:
            for item in fields(cls):
                getattr(counts, item.name).update(getattr(part, item.name))
        return counts

    def add_pair(self, source: str, target: str) -> None:
        """Count one pair more."""
        self.meant.update(filter(is_han, target))
        for edit in align(source, target):
            self._add(source, edit)

    def _add(self, source: str, edit: Edit) -> None:
        if edit.type == INSERT:
            self.missing.update(filter(is_han, edit.text))
            return
        written = source[edit.start]
        if not is_han(written):
            return
        if edit.type == DELETE:
            neighbours = source[max(0, edit.start - 1) : edit.start] + source[edit.end : edit.end + 1]
            (self.repeated if written in neighbours else self.extra)[written] += 1
        elif is_han(edit.text):
            self.written[edit.text, written] += 1
