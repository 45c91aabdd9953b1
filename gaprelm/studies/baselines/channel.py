"""The counted corrector: n-grams and a noisy channel, without a neural network, to compare with.

A proposal's confidence is a logistic of its log-odds (Platt 1999), fitted on pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp

import numpy as np

from gaprelm.counts.model import CountModel, PlaceScores
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import DELETE, EDIT_TYPES, INSERT, REPLACE, Edit
from gaprelm.edits.proposed import ProposedEdit

Logistics = Mapping[str, tuple[float, float]]

BATCH = 256
# What is less likely than that is not thought of.
LEAST_LOG_ODDS = -12.0
# Slope and offset of the logistic before anything is fitted.
UNFITTED: Logistics = dict.fromkeys(EDIT_TYPES, (0.65, -1.2))
# Newton's steps, and what keeps the two numbers finite where all proposals are right or all are wrong.
_STEPS, _RIDGE = 50, 1e-2
_MOST = 50.0


class ChannelProposer:
    """Proposals for texts of any length, as ``gaprelm.correction.decoding.Proposer`` gives them.

    Args:
        model: the counts.
        logistics: slope and offset for each type of edit, see ``fitted``.
        types: which types of edits are proposed.
        floor: least confidence of a proposal.
    """

    def __init__(
        self,
        model: CountModel,
        logistics: Logistics = UNFITTED,
        types: Sequence[str] = EDIT_TYPES,
        floor: float = 0.005,
    ) -> None:
        self._model, self._logistics, self._types, self._floor = model, logistics, types, floor

    def __call__(self, texts: Sequence[str]) -> list[list[ProposedEdit]]:
        proposals = []
        for scored in self.scored(texts):
            likely = [ProposedEdit(edit, self._confidence(edit.type, log_odds)) for edit, log_odds in scored]
            proposals.append(_without_rivals([p for p in likely if p.confidence >= self._floor]))
        return proposals

    def scored(self, texts: Sequence[str]) -> Iterator[list[tuple[Edit, float]]]:
        """For each text the best edit of each type at each place that has one, with its log-odds."""
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            scores = self._model.scores([self._model.alphabet.encode(text) for text in part], most=1)
            edits: list[list[tuple[Edit, float]]] = [[] for _ in part]
            for name in self._types:
                for text, edit, log_odds in self._of_type(name, scores):
                    edits[text].append((edit, log_odds))
            yield from edits

    def _confidence(self, name: str, log_odds: float) -> float:
        slope, offset = self._logistics[name]
        return 1 / (1 + exp(-min(max(slope * log_odds + offset, -_MOST), _MOST)))

    def _of_type(self, name: str, scores: PlaceScores) -> Iterator[tuple[int, Edit, float]]:
        """(number of the text, edit, log-odds) of each place where the log-odds are above ``LEAST_LOG_ODDS``."""
        best = best_of_places(scores, name)
        counts = scores.lengths + (name == INSERT)
        starts = np.cumsum(counts) - counts
        places = np.flatnonzero(best > LEAST_LOG_ODDS)
        texts = np.searchsorted(starts, places, side="right") - 1
        for place, text in zip(places.tolist(), texts.tolist(), strict=True):
            start = place - int(starts[text])
            yield text, Edit(start, start + (name != INSERT), self._text(scores, name, place)), float(best[place])

    def _text(self, scores: PlaceScores, name: str, place: int) -> str:
        if name == DELETE:
            return ""
        options = scores.replace if name == REPLACE else scores.insert
        return self._model.alphabet.character(int(options.candidates[place, 0]))


def best_of_places(scores: PlaceScores, name: str) -> np.ndarray:
    """(places,) the log-odds of the best edit of a type at each character, or gap for insertions."""
    if name == DELETE:
        return scores.delete
    return (scores.replace if name == REPLACE else scores.insert).scores[:, 0]


def fitted(model: CountModel, pairs: Sequence[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Slope and offset for each type, by which the log-odds of a proposal become the probability that it is right.

    Args:
        pairs: sentences with and without errors and their corrections, as they will come; none that were counted.
    """
    found: dict[str, tuple[list[float], list[bool]]] = {name: ([], []) for name in EDIT_TYPES}
    scored = ChannelProposer(model).scored([source for source, _ in pairs])
    for (source, target), edits in zip(pairs, scored, strict=True):
        right = set(align(source, target))
        for edit, log_odds in edits:
            found[edit.type][0].append(log_odds)
            found[edit.type][1].append(edit in right)
    return {name: fit_logistic(np.array(odds), np.array(right)) for name, (odds, right) in found.items()}


def fit_logistic(scores: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """(slope, offset) of the logistic regression of ``right`` (bool) on ``scores``."""
    weights, design = np.array([1.0, 0.0]), np.stack([scores, np.ones(len(scores))], axis=1)
    for _ in range(_STEPS if len(scores) else 0):
        probability = 1 / (1 + np.exp(-np.clip(design @ weights, -_MOST, _MOST)))
        gradient = design.T @ (right - probability) - _RIDGE * weights
        curvature = (design.T * (probability * (1 - probability))) @ design + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step / max(1.0, np.abs(step).max())
        if np.abs(step).max() < 1e-6:
            break
    return float(weights[0]), float(weights[1])


def _without_rivals(proposals: list[ProposedEdit]) -> list[ProposedEdit]:
    """In the order of the text; of a replacement and a deletion of one character the more confident one."""
    best: dict[tuple[int, int], ProposedEdit] = {}
    for proposal in proposals:
        place = proposal.edit.start, proposal.edit.end
        if place not in best or proposal.confidence > best[place].confidence:
            best[place] = proposal
    return [best[place] for place in sorted(best)]
