"""The cleaning of one file of training pairs: one step after the other, each counted."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from gaprelm.data.cleaning.contamination import HeldOut
from gaprelm.data.cleaning.near_duplicates import near_duplicates
from gaprelm.data.fingerprints import normal_form, raw_fingerprint
from gaprelm.data.records import Sentence


@dataclass(frozen=True)
class CleaningSettings:
    """Which steps are done; the keys of the configuration.

    drop_duplicates: leave out sentences that stood there before with the same references.
    near_duplicates: similarity from which a sentence is left out because of an earlier one; None: not done.
    max_changed_share: references further away are left out: edit distance / length of the longer text; None: not done.
    identical_share: share of the sentences without an error that is kept.
    seed: decides which of these are kept.
    """

    drop_duplicates: bool
    near_duplicates: float | None
    max_changed_share: float | None
    identical_share: float
    seed: int


@dataclass
class CleaningCounts:
    """What ``cleaned`` has seen and left out, in sentences."""

    sentences: int = 0
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    held_out: Counter[str] = field(default_factory=Counter)
    references_left_out: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The counts under the names that data/summary.json gives them."""
        return {
            "sentences": self.sentences,
            "kept": self.kept,
            "left_out": dict(self.left_out),
            "left_out_by_held_out_set": dict(self.held_out),
            "references_left_out": self.references_left_out,
        }


IN_HELD_OUT = "in a dev or test set or a list"
DUPLICATE = "duplicate"
NEAR_DUPLICATE = "near duplicate"
TOO_DIFFERENT = "reference too different"
IDENTICAL = "no error, beyond identical_share"


def cleaned(
    rows: Callable[[], Iterable[Sentence]],
    settings: CleaningSettings,
    held_out: HeldOut | None,
    has_pairs: bool,
    counts: CleaningCounts,
) -> Iterator[Sentence]:
    """The sentences that stay, in their order. A sentence that several steps would leave out counts for the first.

    Args:
        rows: gives the same sentences in the same order whenever it is called (several times).
        held_out: what must not be trained on; None: not checked.
        has_pairs: whether rows are pairs; sentences that get their errors later have no changes to look at.
        counts: is given what there is to count.
    """
    doubled = _duplicates(rows()) if settings.drop_duplicates else None

    def others(counts: CleaningCounts) -> Iterator[Sentence]:
        return _others(rows(), settings, held_out, has_pairs, doubled, counts)

    # Last, so that nothing goes for the likeness to a sentence that goes itself.
    near = None
    if settings.near_duplicates is not None:
        near = near_duplicates(lambda: map(_text, others(CleaningCounts())), settings.near_duplicates)
    for name in held_out.names() if held_out else ():
        counts.held_out[name] = 0
    for index, row in enumerate(others(counts)):
        if near is not None and near[index]:
            counts.left_out[NEAR_DUPLICATE] += 1
        else:
            counts.kept += 1
            yield row


def _others(
    rows: Iterable[Sentence],
    settings: CleaningSettings,
    held_out: HeldOut | None,
    has_pairs: bool,
    doubled: np.ndarray | None,
    counts: CleaningCounts,
) -> Iterator[Sentence]:
    """What all steps but that of near duplicates let stay."""
    for index, row in enumerate(rows):
        counts.sentences += 1
        if held_out and (names := held_out.holds(row)):
            counts.left_out[IN_HELD_OUT] += 1
            counts.held_out.update(names)
        elif doubled is not None and doubled[index]:
            counts.left_out[DUPLICATE] += 1
        else:
            kept, reason = _checked(row, settings, counts) if has_pairs else (row, None)
            if reason:
                counts.left_out[reason] += 1
            else:
                yield kept


def _checked(row: Sentence, settings: CleaningSettings, counts: CleaningCounts) -> tuple[Sentence, str | None]:
    """The sentence with the references that stay, and why it is left out, if it is."""
    if settings.max_changed_share is not None:
        near = [target for target in row.targets if _changed(row.source, target) <= settings.max_changed_share]
        counts.references_left_out += len(row.targets) - len(near)
        if row.targets and not near:
            return row, TOO_DIFFERENT
        row = row._replace(targets=near)
    if row.targets and all(target == row.source for target in row.targets):
        draw = raw_fingerprint(f"{settings.seed}\t{row.source}") / 2**64
        if draw >= settings.identical_share:
            return row, IDENTICAL
    return row, None


def _changed(source: str, target: str) -> float:
    longest = max(len(source), len(target))
    return Levenshtein.distance(source, target) / longest if longest else 0.0


def _text(row: Sentence) -> str:
    """What makes two sentences equal; normal forms have no line feed, so each text keeps its place."""
    return "\n".join(map(normal_form, (row.source, *row.targets)))


def _duplicates(rows: Iterable[Sentence]) -> np.ndarray:
    """(n,) bool: which rows equal an earlier one. 24 bytes a row."""
    keys = array("Q", (raw_fingerprint(_text(row)) for row in rows))
    doubled = np.ones(len(keys), dtype=bool)
    _, first = np.unique(np.frombuffer(keys, dtype=np.uint64), return_index=True)
    doubled[first] = False
    return doubled
