"""Scores of a model on a test set, at its operating point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gaprelm.data.records import ScoredSentence
from gaprelm.edits.proposed import Thresholds
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions, SentenceCounts
from gaprelm.scoring.cherrant.score import DIGITS, ReferenceSet, choose_all, row, total_counts
from gaprelm.scoring.counts import Counts, sum_by_type
from gaprelm.scoring.spelling.score import character_level, sentence_level, spelling_items
from gaprelm.scoring.spelling.sighan import sighan_2015

BETAS = {"f0.5": 0.5, "f1": 1.0, "f2": 2.0}


def reference_set(sentences: Sequence[ScoredSentence], annotator: Annotator) -> ReferenceSet:
    """The references of sentences, annotated once."""
    return ReferenceSet([s.source for s in sentences], [s.references for s in sentences], annotator)


def weighted_mean(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The mean of some values by name, each with its weight."""
    return sum(value * weights[name] for name, value in values.items()) / sum(weights[name] for name in values)


def edit_metrics(candidates: Sequence[Sequence[SentenceCounts]], point: str) -> dict[str, Any]:
    """ChERRANT's P, R and counts, with the references that the F-beta of ``point`` chooses; each F with its own choice.

    Args:
        candidates: for each sentence, its comparisons with the references.
        point: a key of ``BETAS``.
    """
    chosen = choose_all(candidates, BETAS[point])
    total = sum((sentence.counts for sentence in chosen), Counts())
    by_type = sum_by_type(sentence.by_type for sentence in chosen)
    return _numbers(total, BETAS[point]) | {
        **{name: round(total_counts(candidates, beta).f(beta), DIGITS) for name, beta in BETAS.items()},
        "by_type": {name: _numbers(counts, BETAS[point]) for name, counts in by_type.items()},
    }


def _numbers(counts: Counts, beta: float) -> dict[str, float | int]:
    numbers = row(counts, beta)
    del numbers["f"]
    return numbers | {name: round(counts.f(value), DIGITS) for name, value in BETAS.items()}


def test_metrics(
    sentences: Sequence[ScoredSentence],
    hypotheses: Sequence[str],
    point: str,
    thresholds: Thresholds,
    annotator: Annotator,
) -> dict[str, Any]:
    """The content of ``{test}.metrics.json``.

    Args:
        sentences: with their references.
        hypotheses: the corrected sentence of each.
        point: name of the operating point.
        thresholds: of the operating point.
        annotator: extracts the edits.
    """
    references = reference_set(sentences, annotator)
    items = spelling_items([s.source for s in sentences], hypotheses, [s.references for s in sentences])
    official = None
    if all(len(item.wanted) == 1 for item in items):  # the official scorer of the spelling tasks knows one reference
        official = sighan_2015([item.wanted[0] for item in items], [item.proposed for item in items]).as_dict()
    return {
        "edits": edit_metrics(references.candidates(hypotheses), point),
        "sentences": sentence_level(items).as_dict(),
        "characters": character_level(items).as_dict(),
        "sighan": official,
        "operating_point": {"name": point, "thresholds": dict(thresholds)},
        "signature": references.signature(ComparisonOptions(beta=BETAS[point])),
    }
