"""Chooses the thresholds on the dev sets: one for each type of edit, for F0.5, F1 and F2."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from gaprelm.data.records import ScoredSentence
from gaprelm.edits.edit import DELETE, EDIT_TYPES, INSERT, REPLACE
from gaprelm.edits.proposed import DEFAULT_THRESHOLDS, ProposedEdit, Thresholds, corrected
from gaprelm.evaluation.metrics import BETAS, edit_metrics, reference_set, weighted_mean
from gaprelm.model.checkpoint import trained_weights_hash
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions, SentenceCounts
from gaprelm.scoring.cherrant.score import DIGITS, choose_all, total_counts
from gaprelm.scoring.counts import Counts, sum_by_type

logger = logging.getLogger(__name__)
# Finer where the share of correct sentences that are touched is decided.
GRID = (
    0.01,
    0.02,
    0.03,
    0.05,
    0.07,
    *(n / 100 for n in range(10, 70, 5)),
    *(n / 1000 for n in range(700, 951, 25)),
    0.98,
)
_ROUNDS = 3
# The types of ChERRANT that each threshold influences. Word order (W) belongs to replace: the model has no edit for it.
_SCORED_AS = {REPLACE: ("S", "W"), INSERT: ("M",), DELETE: ("R",)}


class DevScores:
    """ChERRANT's counts on a dev set under any thresholds, from one set of proposals.

    Args:
        sentences: with their references.
        proposals: the model's proposals for each sentence.
        annotator: extracts the edits.
        max_touched: the share of correct sentences that may be changed; see ``calibrate``.
    """

    def __init__(
        self,
        sentences: Sequence[ScoredSentence],
        proposals: Sequence[Sequence[ProposedEdit]],
        annotator: Annotator,
        max_touched: float = 1.0,
    ) -> None:
        self._sentences, self._proposals, self._max_touched = sentences, proposals, max_touched
        self._references = reference_set(sentences, annotator)

    def __len__(self) -> int:
        return len(self._sentences)

    @property
    def signature(self) -> str:
        """The signature of the scores. It leaves out the beta, which differs between the operating points."""
        return self._references.signature(ComparisonOptions())

    def candidates(self, thresholds: Thresholds) -> list[list[SentenceCounts]]:
        """The comparisons of each sentence with its references."""
        return self._references.candidates(
            [corrected(s.source, p, thresholds) for s, p in zip(self._sentences, self._proposals, strict=True)]
        )

    def by_type(self, thresholds: Thresholds, beta: float) -> dict[str, Counts]:
        """Counts by the type of the threshold that influences them: ``replace``, ``insert``, ``delete``."""
        totals = sum_by_type(sentence.by_type for sentence in choose_all(self.candidates(thresholds), beta))
        return {name: sum((totals[kind] for kind in kinds), Counts()) for name, kinds in _SCORED_AS.items()}

    def total(self, thresholds: Thresholds, beta: float) -> Counts:
        """Counts over the set, all edits together."""
        return total_counts(self.candidates(thresholds), beta)

    def f(self, thresholds: Thresholds, beta: float) -> float:
        """The F-beta over all edits."""
        return self.total(thresholds, beta).f(beta)

    def f_by_type(self, thresholds: Thresholds, beta: float) -> dict[str, float]:
        """The F-beta of each type of edit."""
        return {name: counts.f(beta) for name, counts in self.by_type(thresholds, beta).items()}

    def touched(self, thresholds: Thresholds) -> float:
        """The share of the correct sentences that are changed; 0 if there is none."""
        pairs = zip(self._sentences, self._proposals, strict=True)
        correct = [(s.source, p) for s, p in pairs if s.source in s.references]
        changed = sum(corrected(source, p, thresholds) != source for source, p in correct)
        return changed / max(len(correct), 1)

    def excess(self, thresholds: Thresholds) -> float:
        """How far the share of touched sentences is above ``max_touched``."""
        return max(self.touched(thresholds) - self._max_touched, 0.0)

    def metrics(self, thresholds: Thresholds, point: str) -> dict[str, Any]:
        """The scores at an operating point."""
        return edit_metrics(self.candidates(thresholds), point)


@dataclass(frozen=True)
class WeightedDevScores:
    """Several dev sets, whose scores are weighted means of the scores of each set. So a large set has no more say than
    its weight gives it.

    sets: by name. weights: of each set.
    """

    sets: Mapping[str, DevScores]
    weights: Mapping[str, float]

    def __len__(self) -> int:
        return sum(map(len, self.sets.values()))

    @property
    def signature(self) -> str:
        """The signatures of the sets, with their names."""
        return "; ".join(f"{name}: {scores.signature}" for name, scores in self.sets.items())

    def f(self, thresholds: Thresholds, beta: float) -> float:
        """The mean of the sets' F-beta over all edits."""
        return self._mean({name: scores.f(thresholds, beta) for name, scores in self.sets.items()})

    def f_by_type(self, thresholds: Thresholds, beta: float) -> dict[str, float]:
        """The mean F-beta of each type of edit, over the sets that have errors of this type.

        In the others the F would be 1 without a proposal and 0 with the first one, and would decide alone.
        """
        counts = {name: scores.by_type(thresholds, beta) for name, scores in self.sets.items()}
        means = {}
        for kind in _SCORED_AS:
            of_kind = {name: by_type[kind] for name, by_type in counts.items()}
            found = {name: item for name, item in of_kind.items() if item.tp + item.fn} or of_kind
            means[kind] = self._mean({name: item.f(beta) for name, item in found.items()})
        return means

    def excess(self, thresholds: Thresholds) -> float:
        """How far the shares of touched sentences are above what each set allows, together."""
        return sum(scores.excess(thresholds) for scores in self.sets.values())

    def metrics(self, thresholds: Thresholds, point: str) -> dict[str, Any]:
        """The mean scores at an operating point, and under ``sets`` the scores of each set."""
        each = {name: scores.metrics(thresholds, point) for name, scores in self.sets.items()}
        means = {key: self._mean({name: each[name][key] for name in each}) for key in ("precision", "recall", *BETAS)}
        return {key: round(value, DIGITS) for key, value in means.items()} | {"sets": each}

    def _mean(self, values: Mapping[str, float]) -> float:
        return weighted_mean(values, self.weights)


Scores = DevScores | WeightedDevScores


def weighted(sets: Mapping[str, DevScores], weights: Mapping[str, float]) -> Scores:
    """The scores of the dev sets together; those of a single one are its own."""
    return next(iter(sets.values())) if len(sets) == 1 else WeightedDevScores(sets, weights)


def best_thresholds(
    scores: Scores, beta: float, fixed: Mapping[str, float], objective: str, *, careful: bool = False
) -> dict[str, float]:
    """The thresholds of ``GRID`` with the highest F-beta that the search finds.

    Of thresholds with equal scores the higher is taken, which changes less text.

    Args:
        fixed: thresholds that are given, and not searched.
        objective: ``types``: for each type the threshold with the best F-beta of that type, when all types share it;
            ``edits``: the best F-beta over all edits, searched on a coarse grid of all types, then for one type after
            the other until none improves.
        careful: whether to keep to ``max_touched`` of the dev sets first, with the objective ``edits``.
    """
    start = {**DEFAULT_THRESHOLDS, **fixed}
    searched = [name for name in EDIT_TYPES if name not in fixed]
    if objective == "types":
        tables = {value: scores.f_by_type(start | dict.fromkeys(searched, value), beta) for value in GRID}
        return start | {name: max(GRID, key=lambda v, n=name: (tables[v][n], v)) for name in searched}
    # Edits that touch are scored as one, so a lower threshold of one type may help only together with another type's.
    # The search therefore starts on a coarse grid of all types.
    combinations = (zip(searched, values, strict=True) for values in product(GRID[::3], repeat=len(searched)))
    coarse = (start | dict(values) for values in combinations)

    def worth(thresholds: Thresholds) -> tuple[float, float]:
        return -scores.excess(thresholds) if careful else 0.0, scores.f(thresholds, beta)

    best = max(coarse, key=lambda values: (worth(values), sum(values.values())))
    return _ascended(worth, best, searched)


def _ascended(
    worth: Callable[[Thresholds], tuple[float, float]], start: dict[str, float], searched: Sequence[str]
) -> dict[str, float]:
    """Improve one threshold after the other until none is worth more, in at most ``_ROUNDS`` rounds."""
    best, value = start, worth(start)
    for _ in range(_ROUNDS):
        before = value
        for name in searched:
            for threshold in GRID:
                candidate = {**best, name: threshold}
                result = worth(candidate)
                if result > value or (result == value and threshold > best[name]):
                    best, value = candidate, result
        if value == before:
            break
    return best


def calibrate(scores: Scores, fixed: Mapping[str, float], default: str, model: Path, objective: str) -> dict[str, Any]:
    """The content of ``calibration.json``. The default operating point keeps to ``max_touched`` of the dev sets.

    Args:
        scores: of the dev set, or of several.
        fixed: thresholds set in the configuration.
        default: the operating point that is used unless another is asked for, a key of ``BETAS``.
        model: its directory; the sha256 of its weights is part of the content.
        objective: ``types`` or ``edits``, see ``best_thresholds``.
    """
    points = {}
    for name, beta in BETAS.items():
        thresholds = best_thresholds(scores, beta, fixed, objective, careful=name == default)
        points[name] = {"thresholds": thresholds, "dev": scores.metrics(thresholds, name)}
    curve = [{"threshold": v, **scores.metrics(dict.fromkeys(EDIT_TYPES, v), default)} for v in GRID]
    known = {"objective": objective, "dev_sentences": len(scores), "curve": curve, "signature": scores.signature}
    return _document(points, default, model) | known


def uncalibrated(fixed: Mapping[str, float], default: str, model: Path) -> dict[str, Any]:
    """The content of ``calibration.json`` without a dev set: default thresholds, without scores."""
    points = {name: {"thresholds": {**DEFAULT_THRESHOLDS, **fixed}, "dev": None} for name in BETAS}
    return _document(points, default, model) | {"dev_sentences": 0, "curve": [], "signature": None}


def _document(points: dict[str, Any], default: str, model: Path) -> dict[str, Any]:
    return {"weights_sha256": trained_weights_hash(model), "default": default, "operating_points": points}
