"""The cleaning of one file of training pairs, in steps; what each step leaves out is counted."""

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
    """Which steps are done; the fields are keys of the configuration.

    drop_duplicates: leave out sentences that occurred before with the same references.
    near_duplicates: leave out a sentence that is at least this similar to an earlier one; None: leave this step out.
    max_changed_share: leave out references whose edit distance / length of the longer text is larger; None: keep all.
    identical_share: share of the sentences without an error that is kept.
    seed: decides which sentences without an error are kept.
    """

    drop_duplicates: bool
    near_duplicates: float | None
    max_changed_share: float | None
    identical_share: float
    seed: int


@dataclass
class CleaningCounts:
    """How many sentences ``cleaned`` has seen, kept and left out."""

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
        held_out: sentences that must not be trained on; None: not checked.
        has_pairs: whether the rows are pairs; clean sentences, which get their errors later, have no changes to check.
        counts: is updated.
    """
    doubled = _duplicates(rows()) if settings.drop_duplicates else None

    def others(counts: CleaningCounts) -> Iterator[Sentence]:
        return _others(rows(), settings, held_out, has_pairs, doubled, counts)

    # The last step, so that no sentence is left out because of one that is itself left out.
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
    """The sentences that are left by all steps except that of the near duplicates."""
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
    """The sentence with the references that are kept, and the reason if the sentence is left out."""
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
    """A text that is equal for equal sentences. Normal forms hold no line feed, so it separates the texts safely."""
    return "\n".join(map(normal_form, (row.source, *row.targets)))


def _duplicates(rows: Iterable[Sentence]) -> np.ndarray:
    """(n,) bool: which rows equal an earlier one. Takes 24 bytes per row."""
    keys = array("Q", (raw_fingerprint(_text(row)) for row in rows))
    doubled = np.ones(len(keys), dtype=bool)
    _, first = np.unique(np.frombuffer(keys, dtype=np.uint64), return_index=True)
    doubled[first] = False
    return doubled
