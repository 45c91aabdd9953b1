"""Counts, lengths and edits of a file. Records come one at a time, and memory does not grow with their number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gaprelm.data.cleaning.cutting import CutCounts, fitting_pieces
from gaprelm.data.records import Record
from gaprelm.edits.alignment import LONGEST_ALIGNED, align
from gaprelm.edits.edit import EDIT_TYPES, Edit
from gaprelm.edits.labels import SOURCE_TOO_LONG, TEMPLATE_TOO_LONG, edits_to_labels, reason_left_out
from gaprelm.edits.tokens import simplified

# Whether the script is simplified or traditional is decided by the first sentences, so many.
_SCRIPT_SAMPLE = 1000


@dataclass
class Statistics:
    """What ``add`` has counted.

    max_insert_num, max_seq_length: the model's limits.
    """

    max_insert_num: int
    max_seq_length: int
    sentences: int = 0
    references: int = 0
    with_error: int = 0
    without_reference: int = 0
    pairs: int = 0
    identical: int = 0
    equal_length: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    edits_per_pair: Counter[int] = field(default_factory=Counter)
    edit_types: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(EDIT_TYPES, 0)))
    cut: CutCounts = field(default_factory=CutCounts)
    left_out: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    def add(self, record: Record) -> list[str]:
        """Count a record; returns the reasons why pairs, or pieces of them, do not fit the model."""
        self.sentences += 1
        self.references += len(record.targets)
        self.without_reference += not record.targets
        self.with_error += any(target != record.source for target in record.targets)
        self.lengths[len(record.source)] += 1
        if len(self.first) < _SCRIPT_SAMPLE:
            self.first.append(record.source[:LONGEST_ALIGNED])
        return [reason for target in record.targets for reason in self._add_pair(record.source, target)]

    def _add_pair(self, source: str, target: str) -> list[str]:
        self.pairs += 1
        self.identical += source == target
        self.equal_length += len(source) == len(target)
        edits = self._aligned(source, target)
        if edits is not None:
            self.edits_per_pair[len(edits)] += 1
            self.edit_types.update(edit.type for edit in edits)
        # [CLS] and [SEP] take two places.
        pieces = fitting_pieces(source, target, self.max_seq_length - 2)
        if len(pieces) > 1:
            self.cut.sentences += 1
            self.cut.pieces += len(pieces)
            reasons = [self._reason(piece[0], self._aligned(*piece)) for piece in pieces]
        else:
            reasons = [self._reason(source, edits)]
        found = [reason for reason in reasons if reason]
        self.left_out.update(found)
        return found

    def _aligned(self, source: str, target: str) -> list[Edit] | None:
        """The edits of a pair; None where it is too long for the model, and for the alignment."""
        longest = max(LONGEST_ALIGNED, self.max_seq_length)
        return align(source, target) if max(len(source), len(target)) <= longest else None

    def _reason(self, source: str, edits: list[Edit] | None) -> str | None:
        """Why training leaves out a pair."""
        if edits is None:
            return SOURCE_TOO_LONG if len(source) > self.max_seq_length else TEMPLATE_TOO_LONG
        return reason_left_out(edits_to_labels(len(source), edits), self.max_insert_num, self.max_seq_length)

    def as_dict(self) -> dict[str, Any]:
        """All counts, with shares and quantiles."""
        aligned = self.edits_per_pair.total()
        trained = self.pairs - self.cut.sentences + self.cut.pieces
        return {
            "sentences": self.sentences,
            "with_error": self.with_error,
            "without_reference": self.without_reference,
            "references": self.references,
            "identical_pairs": self.identical,
            "equal_length_pairs": self.equal_length,
            "traditional_share": self._traditional_share(),
            "lengths": {"mean": _mean(self.lengths), **_quantiles(self.lengths)},
            "edits": {
                "mean_per_pair": _mean(self.edits_per_pair),
                "per_pair": {str(key): self.edits_per_pair[key] for key in sorted(self.edits_per_pair)},
                "by_type": dict(self.edit_types),
                "pairs": aligned,
            },
            "cut": {"pairs": self.cut.sentences, "pieces": self.cut.pieces},
            "left_out": {
                "max_insert_num": self.max_insert_num,
                "max_seq_length": self.max_seq_length,
                "pairs": self.left_out.total(),
                "share": self.left_out.total() / trained if trained else 0.0,
                "by_reason": dict(self.left_out),
            },
        }

    def _traditional_share(self) -> float:
        """Share of the first thousand sentences that OpenCC would change into simplified script."""
        return sum(simplified(text) != text for text in self.first) / max(len(self.first), 1)


def _mean(values: Counter[int]) -> float:
    total = values.total()
    return sum(value * count for value, count in values.items()) / total if total else 0.0


def _quantiles(values: Counter[int]) -> dict[str, int]:
    """Median, 95th percentile and maximum. A quantile is the smallest value that this share of all does not exceed."""
    found = {"median": 0, "p95": 0, "max": max(values, default=0)}
    seen, total = 0, values.total()
    for value in sorted(values, reverse=True):
        seen += values[value]
        for name, share in (("p95", 0.95), ("median", 0.5)):
            if total - seen < share * total and found[name] == 0:
                found[name] = value
    return found
