"""Sentence-level scores: was the sentence, as a whole, found and corrected?"""

from __future__ import annotations

from collections.abc import Sequence

from gaprelm.edits.alignment import align
from gaprelm.scoring.counts import Counts


def sentence_scores(sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> dict:
    """Detection, correction and over-correction of whole sentences.

    A sentence counts as wrong where no reference equals the source. Detection is right where a wrong sentence was
    changed at exactly the places of a reference; correction, where it became a reference. A changed sentence that is
    not right is a false positive whether the source was wrong or not (the strict definition: precision also suffers
    from wrong corrections), and a wrong sentence that is not right is a false negative.

    Returns:
        ``detection`` and ``correction``: accuracy, precision, recall, f1. ``over_correction_rate``: share of correct
        sentences that were changed (0 where there are none). ``sentences``, ``wrong``, ``changed``: how many.
    """
    counts = {"detection": Counts(), "correction": Counts()}
    right = {"detection": 0, "correction": 0}
    correct = over_corrected = changed = 0
    for source, hypothesis, answers in zip(sources, hypotheses, references, strict=True):
        is_wrong, is_changed = source not in answers, hypothesis != source
        correct += not is_wrong
        changed += is_changed
        over_corrected += is_changed and not is_wrong
        fixed = hypothesis in answers
        found = fixed or (is_wrong and is_changed and _same_places(source, hypothesis, answers))
        for level, success in (("detection", found), ("correction", fixed)):
            right[level] += success
            counts[level] += Counts(
                tp=is_wrong and is_changed and success,
                fp=is_changed and not success,
                fn=is_wrong and not success,
            )
    total = len(sources)
    return {
        level: {
            "accuracy": right[level] / total if total else 0.0,
            "precision": counts[level].precision,
            "recall": counts[level].recall,
            "f1": counts[level].f(1.0),
        }
        for level in counts
    } | {
        "over_correction_rate": over_corrected / correct if correct else 0.0,
        "sentences": total,
        "wrong": total - correct,
        "changed": changed,
    }


def _same_places(source: str, hypothesis: str, references: Sequence[str]) -> bool:
    places = {(edit.start, edit.end) for edit in align(source, hypothesis)}
    return any(places == {(edit.start, edit.end) for edit in align(source, reference)} for reference in references)
