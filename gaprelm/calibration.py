"""Thresholds: chosen on the dev set, one for each edit type, for F0.5, F1 and F2."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaprelm.data.tables import ScoredSentence
from gaprelm.decoding import ProposedEdit, Thresholds, corrected
from gaprelm.edits.edit import DELETE, EDIT_TYPES, INSERT, REPLACE
from gaprelm.errors import CheckpointError
from gaprelm.scoring.character_edits import SIGNATURE, TypedCounts, corpus_counts, sentence_counts
from gaprelm.scoring.counts import Counts
from gaprelm.textio import file_hash

FILE_NAME = "calibration.json"
BETAS = {"f0.5": 0.5, "f1": 1.0, "f2": 2.0}
DEFAULT_THRESHOLDS = {REPLACE: 0.5, INSERT: 0.5, DELETE: 0.5}
GRID = (0.01, 0.02, 0.03, 0.05, 0.07, *(round(0.1 + 0.05 * step, 2) for step in range(18)), 0.98)
_ROUNDS = 3


class DevScores:
    """Counts on a dev set under any thresholds, from one set of proposals.

    Args:
        sentences: with their references.
        proposals: of the model, for each sentence.
    """

    def __init__(self, sentences: Sequence[ScoredSentence], proposals: Sequence[Sequence[ProposedEdit]]) -> None:
        self._sentences, self._proposals = sentences, proposals
        self._known: list[dict[str, TypedCounts]] = [{} for _ in sentences]

    def by_type(self, thresholds: Thresholds) -> TypedCounts:
        """Counts over the set, by edit type."""
        return corpus_counts(self._sentence(index, thresholds) for index in range(len(self._sentences)))

    def total(self, thresholds: Thresholds) -> Counts:
        """Counts over the set, all edits together."""
        return sum(self.by_type(thresholds).values(), Counts())

    def _sentence(self, index: int, thresholds: Thresholds) -> TypedCounts:
        sentence, known = self._sentences[index], self._known[index]
        hypothesis = corrected(sentence.source, self._proposals[index], thresholds)
        if hypothesis not in known:
            known[hypothesis] = sentence_counts(sentence.source, hypothesis, sentence.references)
        return known[hypothesis]


def best_thresholds(scores: DevScores, beta: float, fixed: Mapping[str, float], objective: str) -> dict[str, float]:
    """The thresholds of ``GRID`` with the highest F-beta.

    Of equal scores the higher threshold is taken, which changes less text.

    Args:
        fixed: thresholds that are given and not searched.
        objective: ``types``, each type's own F-beta; ``edits``, F-beta over all edits, searched one type after the
            other until none improves.
    """
    best = {**DEFAULT_THRESHOLDS, **fixed}
    searched = [name for name in EDIT_TYPES if name not in fixed]
    if objective == "types":
        tables = {value: scores.by_type(best | dict.fromkeys(searched, value)) for value in GRID}
        return best | {name: max(GRID, key=lambda v, n=name: (tables[v][n].f(beta), v)) for name in searched}
    value = scores.total(best).f(beta)
    for _ in range(_ROUNDS):
        before = value
        for name in searched:
            for threshold in GRID:
                candidate = {**best, name: threshold}
                result = scores.total(candidate).f(beta)
                if result > value or (result == value and threshold > best[name]):
                    best, value = candidate, result
        if value == before:
            break
    return best


def calibrate(
    scores: DevScores, fixed: Mapping[str, float], default: str, weights: Path, sentences: int, objective: str
) -> dict[str, Any]:
    """The content of ``calibration.json``.

    Args:
        scores: of the dev set.
        fixed: thresholds set in the configuration.
        default: the operating point that is used unless another is asked for, a key of ``BETAS``.
        weights: the model's weights, whose sha256 is written down.
        sentences: how many the dev set has.
        objective: ``types`` or ``edits``, see ``best_thresholds``.
    """
    points = {}
    for name, beta in BETAS.items():
        thresholds = best_thresholds(scores, beta, fixed, objective)
        points[name] = {"thresholds": thresholds, "dev": scores.total(thresholds).as_dict()}
    curve = [{"threshold": value, **scores.total(dict.fromkeys(EDIT_TYPES, value)).as_dict()} for value in GRID]
    known = {"objective": objective, "dev_sentences": sentences, "curve": curve, "signature": SIGNATURE}
    return _document(points, default, weights) | known


def uncalibrated(fixed: Mapping[str, float], default: str, weights: Path) -> dict[str, Any]:
    """The same without a dev set: default thresholds, and nothing known of what they give."""
    points = {name: {"thresholds": {**DEFAULT_THRESHOLDS, **fixed}, "dev": None} for name in BETAS}
    return _document(points, default, weights) | {"dev_sentences": 0, "curve": [], "signature": SIGNATURE}


def _document(points: dict[str, Any], default: str, weights: Path) -> dict[str, Any]:
    return {"weights_sha256": file_hash(weights), "default": default, "operating_points": points}


def read_thresholds(model_dir: Path, operating_point: str | None = None) -> dict[str, float]:
    """The calibrated thresholds of a model, or the defaults where it has no ``calibration.json``.

    Raises:
        CheckpointError: the file belongs to other weights, or has no such operating point.
    """
    path = model_dir / FILE_NAME
    if not path.is_file():
        return dict(DEFAULT_THRESHOLDS)
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["weights_sha256"] != file_hash(model_dir / "model.safetensors"):
        raise CheckpointError(
            f"{path} was made for other weights than {model_dir / 'model.safetensors'}\n"
            "  cure: calibrate this model (snakemake … calibrate), or delete the file to use default thresholds"
        )
    point = operating_point or document["default"]
    if point not in document["operating_points"]:
        known = ", ".join(document["operating_points"])
        raise CheckpointError(f"{path} has no operating point {point!r}; expected one of {known}")
    return document["operating_points"][point]["thresholds"]
