"""The official scorers of the SIGHAN spelling tasks: 2013 (SIGHAN 7), 2014 (CLP) and 2015 (SIGHAN 8).

The corrections of a sentence are a mapping from places to characters; an empty mapping says that the sentence is
correct. A place is a position in the sentence, from 1 in official files; any hashable value will do.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gaprelm.scoring.signature import join
from gaprelm.scoring.spelling.rates import Confusion, Rates, ratio, rounded

Corrections = Mapping[Hashable, str]
TP, FP, TN, FN = "tp", "fp", "tn", "fn"


@dataclass(frozen=True)
class SighanScore:
    """Scores over sentences.

    false_positive_rate: flagged correct sentences / correct sentences (2013: False-Alarm Rate); NaN if there are none.
    detection: whether errors are found. correction: whether they are corrected; None if the task does not score it.
    location: 2013, sub-task 1: whether the set of places is exact; else None.
    rows: tp, fp and fn of the correction of each sentence, for ``gaprelm.scoring.significance``; empty for 2013.
    """

    false_positive_rate: float
    detection: Rates | None
    correction: Rates | None
    sentences: int
    signature: str
    location: Rates | None = None
    rows: Sequence[tuple[int, int, int]] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: four digits, rounded half up as in the official reports; null if they print NaN."""
        levels = {"detection": self.detection, "location": self.location, "correction": self.correction}
        return (
            {"false_positive_rate": rounded(self.false_positive_rate)}
            | {name: rates.as_dict() for name, rates in levels.items() if rates}
            | {"sentences": self.sentences, "signature": self.signature}
        )


def sighan_2015(truths: Sequence[Corrections], results: Sequence[Corrections], year: int = 2015) -> SighanScore:
    """The scorer of 2015; that of 2014 is the same.

    A sentence counts as a whole. If the truth has no errors: TN if nothing was flagged, else FP, at both levels. If it
    has errors: detection is TP if exactly the places of the truth are flagged, else FN; correction is TP if also every
    proposed character is among the truth's (at any place, so exchanged ones count as right), else FN. A sentence with
    errors that is wrongly corrected is never an FP, so only correct sentences lower the precision. Papers therefore use
    ``sentence_level`` instead.

    Args:
        truths, results: of the same sentences, in the same order.
        year: 2015 or 2014, for the signature.
    """
    outcomes = [_outcome(truth, result) for truth, result in zip(truths, results, strict=True)]
    detection, correction = (_confusion([pair[level] for pair in outcomes]) for level in (0, 1))
    rows = [(int(level == TP), int(level == FP), int(level == FN)) for _, level in outcomes]
    return SighanScore(
        detection.false_positive_rate,
        detection.rates(),
        correction.rates(),
        len(outcomes),
        join({"metric": "sighan", "year": year, "definition": "official"}),
        rows=rows,
    )


def _outcome(truth: Corrections, result: Corrections) -> tuple[str, str]:
    if not truth:
        return (FP, FP) if result else (TN, TN)
    if truth.keys() != result.keys():
        return FN, FN
    return TP, TP if set(result.values()) <= set(truth.values()) else FN


def _confusion(outcomes: Sequence[str]) -> Confusion:
    return Confusion(**{name: outcomes.count(name) for name in (TP, FP, TN, FN)})


def sighan_2013_detection(truths: Sequence[Corrections], results: Sequence[Corrections]) -> SighanScore:
    """Sub-task 1 of 2013: which sentences have errors, and where.

    Detection: a sentence is right if it is flagged and has errors, or neither. Location: it is right if the sets of
    places are equal; precision and recall divide the number of right sentences with errors by the number of flagged
    sentences, and of sentences with errors.
    """
    pairs = [(set(truth), set(result)) for truth, result in zip(truths, results, strict=True)]
    flagged = sum(bool(result) for _, result in pairs)
    wrong = sum(bool(truth) for truth, _ in pairs)
    found = sum(bool(truth and result) for truth, result in pairs)
    false_alarms = sum(bool(result and not truth) for truth, result in pairs)
    agreed = sum(bool(truth) == bool(result) for truth, result in pairs)
    located = sum(truth == result for truth, result in pairs)
    located_errors = sum(bool(truth) and truth == result for truth, result in pairs)
    total = len(pairs)
    return SighanScore(
        ratio(false_alarms, total - wrong),
        Rates.of(ratio(agreed, total), ratio(found, flagged), ratio(found, wrong)),
        None,
        total,
        join({"metric": "sighan", "year": 2013, "task": 1, "definition": "official"}),
        Rates.of(ratio(located, total), ratio(located_errors, flagged), ratio(located_errors, wrong)),
    )


@dataclass(frozen=True)
class Sighan2013CorrectionScore:
    """Sub-task 2 of 2013.

    location_accuracy: sentences with the right set of places / sentences.
    correction_accuracy: sentences with the right places and characters / sentences.
    correction_precision: sentences with the right places and characters / sentences with corrections in the result.
    """

    location_accuracy: float
    correction_accuracy: float
    correction_precision: float
    sentences: int
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON, as ``SighanScore.as_dict``."""
        return {
            "location": {"accuracy": rounded(self.location_accuracy)},
            "correction": {
                "accuracy": rounded(self.correction_accuracy),
                "precision": rounded(self.correction_precision),
            },
            "sentences": self.sentences,
            "signature": self.signature,
        }


def sighan_2013_correction(truths: Sequence[Corrections], results: Sequence[Corrections]) -> Sighan2013CorrectionScore:
    """Sub-task 2 of 2013: all sentences have errors, which are to be found and corrected.

    Args:
        truths, results: of the same sentences, in the same order; an empty result has no corrections. Sentences with an
            empty truth do not belong to the task, but their corrections count in precision.
    """
    proposed = sum(bool(result) for result in results)
    pairs = [(truth, result) for truth, result in zip(truths, results, strict=True) if truth]
    located = sum(truth.keys() == result.keys() for truth, result in pairs)
    corrected = sum(dict(truth) == dict(result) for truth, result in pairs)
    return Sighan2013CorrectionScore(
        ratio(located, len(pairs)),
        ratio(corrected, len(pairs)),
        ratio(corrected, proposed),
        len(pairs),
        join({"metric": "sighan", "year": 2013, "task": 2, "definition": "official"}),
    )
