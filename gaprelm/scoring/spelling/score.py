"""Scores of spelling correction that are not official: sentence and character level as in papers; pycorrector's."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from gaprelm.edits.alignment import align
from gaprelm.edits.tokens import NO_ERROR, NOT_ANNOTATED
from gaprelm.scoring.signature import join
from gaprelm.scoring.spelling.rates import Confusion, Rates, ratio, rounded
from gaprelm.scoring.spelling.sighan import Corrections, SighanScore


@dataclass(frozen=True)
class SpellingScore:
    """Detection and correction at one level.

    false_positive_rate: correct sentences that were changed / correct sentences; NaN if there are none.
    sentences, wrong, changed: numbers of all sentences, of those with an error, and of those that were changed.
    rows: tp, fp and fn of the correction of each sentence, for ``gaprelm.scoring.significance``.
    """

    false_positive_rate: float
    detection: Rates
    correction: Rates
    sentences: int
    wrong: int
    changed: int
    signature: str
    rows: Sequence[tuple[int, int, int]] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON: four digits; null for a rate that is 0 / 0."""
        return {
            "false_positive_rate": rounded(self.false_positive_rate),
            "detection": self.detection.as_dict(),
            "correction": self.correction.as_dict(),
            "sentences": self.sentences,
            "wrong": self.wrong,
            "changed": self.changed,
            "signature": self.signature,
        }


@dataclass(frozen=True)
class SpellingItem:
    """A sentence: the proposed corrections, those of each reference, and its length if it is known.

    It is wrong if every reference corrects something.
    """

    proposed: Corrections
    wanted: Sequence[Corrections]
    length: int | None = None

    @property
    def wrong(self) -> bool:
        return all(self.wanted)


def corrections(source: str, target: str) -> Corrections:
    """The corrections that turn a source into its target, from places (start, end) to texts. Texts of different lengths
    are aligned."""
    if len(source) == len(target):
        return {(i, i + 1): b for i, (a, b) in enumerate(zip(source, target, strict=True)) if a != b}
    return {(edit.start, edit.end): edit.text for edit in align(source, target)}


def spelling_items(
    sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[Sequence[str]]
) -> list[SpellingItem]:
    """The items of sentences that are given as texts.

    ``没有错误`` stands for the source. A reference ``无法标注`` does not count; sentences without another are left out.

    Raises:
        ValueError: the three lists have different lengths, or a sentence has no reference.
    """
    if not all(references):
        raise ValueError("a sentence has no reference to be scored against")
    items = []
    for source, hypothesis, targets in zip(sources, hypotheses, references, strict=True):
        wanted = [_marked_corrections(source, target) for target in targets if target != NOT_ANNOTATED]
        if wanted:
            items.append(SpellingItem(_marked_corrections(source, hypothesis), wanted, len(source)))
    return items


def _marked_corrections(source: str, target: str) -> Corrections:
    return {} if target == NO_ERROR else corrections(source, target)


def sentence_level(items: Sequence[SpellingItem]) -> SpellingScore:
    """Scores over whole sentences; wrong corrections lower the precision (ReLM, AAAI 2024; SpellGCN, ACL 2020).

    A sentence with errors is a true positive of correction if it became a reference, and of detection if exactly the
    places of a reference were changed. Precision = true positives / changed sentences, so it suffers from a wrong
    correction whether or not the source was correct; recall = true positives / sentences with errors; accuracy = right
    sentences (including correct ones left alone) / all. A source that equals one of its references is correct.
    """
    detected = [any(item.proposed.keys() == wanted.keys() for wanted in item.wanted) for item in items]
    corrected = [any(item.proposed == wanted for wanted in item.wanted) for item in items]
    flagged = [bool(item.proposed) for item in items]
    wrong = [item.wrong for item in items]

    def positives(right: list[bool]) -> list[bool]:
        return [r and w and f for r, w, f in zip(right, wrong, flagged, strict=True)]

    def rates(right: list[bool]) -> Rates:
        tp = sum(positives(right))
        return Rates.of(ratio(sum(right), len(items)), ratio(tp, sum(flagged)), ratio(tp, sum(wrong)))

    rows = [(t, f - t, w - t) for t, f, w in zip(positives(corrected), flagged, wrong, strict=True)]
    return _score(items, rates(detected), rates(corrected), "sentence", rows)


def pycorrector_level(items: Sequence[SpellingItem]) -> SighanScore:
    """Scores as the toolkit pycorrector publishes them (its ``pycorrector/utils/evaluate_utils.py``, version 1.1).

    Whole texts are compared. A sentence with errors is found (tp) if it became a reference, else missed (fn); a correct
    one is a false alarm (fp) if it was changed. So a sentence with errors that was changed into something else does not
    lower the precision. Precision and recall are 0, not NaN, where nothing was found.
    """
    rows = []
    for item in items:
        right = any(item.proposed == wanted for wanted in item.wanted)
        rows.append((int(item.wrong and right), int(not item.wrong and not right), int(item.wrong and not right)))
    tp, fp, fn = map(sum, zip(*rows, strict=True)) if rows else (0, 0, 0)
    rates = Confusion(tp, fp, len(items) - tp - fp - fn, fn)
    correction = rates.rates()
    if not tp:
        correction = Rates(correction.accuracy, 0.0, 0.0, 0.0)
    signature = join({"metric": "spelling", "definition": "pycorrector"})
    return SighanScore(rates.false_positive_rate, None, correction, len(items), signature, rows=rows)


def character_level(items: Sequence[SpellingItem]) -> SpellingScore:
    """Scores over single places of all sentences: characters, and gaps in which something is inserted.

    Detection: a changed place is right if the reference changes it too. Correction: it is right if it gets the text of
    the reference. Precision = right places / changed places; recall = right places / places to be changed; accuracy =
    places that are as they should be / all characters and all gaps in which something is or should be inserted (NaN if
    lengths are not known). SpellGCN divides its correction precision by the detected places instead, which gives higher
    figures. Of several references the one with the most right places counts, then the one with the fewest changes.
    """
    rows, found = [], 0
    places: float = 0
    as_they_should_be: list[float] = [0, 0]
    for item in items:
        wanted = max(item.wanted, key=lambda w, item=item: (_right(item.proposed, w), -len(w)))
        detected, right = len(item.proposed.keys() & wanted.keys()), _right(item.proposed, wanted)
        touched = item.proposed.keys() | wanted.keys()
        size = math.nan if item.length is None else item.length + sum(_is_gap(place) for place in touched)
        places += size
        found += detected
        as_they_should_be[0] += size - len(touched) + detected
        as_they_should_be[1] += size - len(touched) + right
        rows.append((right, len(item.proposed) - right, len(wanted) - right))
    tp, fp, fn = (sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)
    detection = Rates.of(ratio(as_they_should_be[0], places), ratio(found, tp + fp), ratio(found, tp + fn))
    correction = Rates.of(ratio(as_they_should_be[1], places), ratio(tp, tp + fp), ratio(tp, tp + fn))
    return _score(items, detection, correction, "character", rows)


def _is_gap(place: Hashable) -> bool:
    return isinstance(place, tuple) and place[0] == place[1]


def _right(proposed: Corrections, wanted: Corrections) -> int:
    return len(proposed.items() & wanted.items())


def _score(
    items: Sequence[SpellingItem], detection: Rates, correction: Rates, level: str, rows: Sequence[tuple[int, int, int]]
) -> SpellingScore:
    correct = [item for item in items if not item.wrong]
    return SpellingScore(
        ratio(sum(bool(item.proposed) for item in correct), len(correct)),
        detection,
        correction,
        len(items),
        len(items) - len(correct),
        sum(bool(item.proposed) for item in items),
        join({"metric": "spelling", "level": level}),
        rows,
    )
