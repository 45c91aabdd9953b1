"""Scores of a model on a test set, at its operating point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gaprelm import __version__
from gaprelm.data.tables import ScoredSentence
from gaprelm.decoding import Thresholds
from gaprelm.scoring.character_edits import SIGNATURE, corpus_counts, sentence_counts, summarize
from gaprelm.scoring.sentences import sentence_scores


def test_metrics(
    sentences: Sequence[ScoredSentence], hypotheses: Sequence[str], point: str, thresholds: Thresholds
) -> dict[str, Any]:
    """The content of ``{test}.metrics.json``.

    Args:
        sentences: with their references.
        hypotheses: the corrected sentence of each.
        point: name of the operating point, with the ``thresholds`` it stands for.
    """
    counts = [
        sentence_counts(sentence.source, hypothesis, sentence.references)
        for sentence, hypothesis in zip(sentences, hypotheses, strict=True)
    ]
    return {
        "edits": summarize(corpus_counts(counts)),
        "sentences": sentence_scores(
            [sentence.source for sentence in sentences], hypotheses, [sentence.references for sentence in sentences]
        ),
        "operating_point": {"name": point, "thresholds": dict(thresholds)},
        "signature": f"{SIGNATURE}|version:{__version__}",
    }
