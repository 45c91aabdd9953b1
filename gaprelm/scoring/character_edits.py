"""Scores over character edits: both sides aligned to the source by the same aligner, then compared.

An edit is right when place and text are equal. Of several references the best for the sentence counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gaprelm.edits.alignment import align
from gaprelm.edits.edit import EDIT_TYPES, Edit
from gaprelm.scoring.counts import Counts

SIGNATURE = "metric:character-edits|references:best-of-sentence-by-F0.5|aligner:gaprelm"

TypedCounts = dict[str, Counts]


def sentence_counts(source: str, hypothesis: str, references: Sequence[str]) -> TypedCounts:
    """Counts of one sentence by edit type, against the reference that fits best.

    Best: highest F0.5, then most true positives, then fewest false positives and negatives, then the first.

    Raises:
        ValueError: there is no reference.
    """
    if not references:
        raise ValueError(f"sentence {source!r} has no reference to be scored against")
    return compare_edits(align(source, hypothesis), [align(source, reference) for reference in references])


def compare_edits(proposed: Sequence[Edit], references: Sequence[Sequence[Edit]]) -> TypedCounts:
    """As ``sentence_counts``, from edits."""
    candidates = [_compare(set(proposed), set(reference)) for reference in references]
    return max(candidates, key=_preference)


def _compare(proposed: set[Edit], reference: set[Edit]) -> TypedCounts:
    return {
        name: Counts(
            sum(edit.type == name for edit in proposed & reference),
            sum(edit.type == name for edit in proposed - reference),
            sum(edit.type == name for edit in reference - proposed),
        )
        for name in EDIT_TYPES
    }


def _preference(counts: TypedCounts) -> tuple[float, int, int, int]:
    total = sum(counts.values(), Counts())
    return total.f(0.5), total.tp, -total.fp, -total.fn


def corpus_counts(sentences: Iterable[TypedCounts]) -> TypedCounts:
    """Sums over sentences, by edit type."""
    totals = {name: Counts() for name in EDIT_TYPES}
    for counts in sentences:
        for name in EDIT_TYPES:
            totals[name] += counts[name]
    return totals


def summarize(totals: TypedCounts) -> dict[str, object]:
    """Precision, recall, F and counts over all edits, and the same ``by_type``."""
    overall = sum(totals.values(), Counts())
    return overall.as_dict() | {"by_type": {name: counts.as_dict() for name, counts in totals.items()}}
