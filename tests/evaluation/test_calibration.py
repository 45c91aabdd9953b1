"""Thresholds: the best on dev, checked against trying everything."""

import itertools
import json

import pytest

from gaprelm.correction.thresholds import read_thresholds
from gaprelm.data.records import ScoredSentence
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import DEFAULT_THRESHOLDS, ProposedEdit
from gaprelm.errors import CheckpointError
from gaprelm.evaluation.calibration import GRID, DevScores, best_thresholds, calibrate, weighted
from gaprelm.scoring.cherrant.annotation import Annotator

SENTENCES = [
    ScoredSentence("1", "我再家家", ["我在家"]),
    ScoredSentence("2", "天气泠", ["天气冷"]),
    ScoredSentence("3", "我在家", ["我在家"]),
    ScoredSentence("4", "他学校", ["他去学校"]),
]
PROPOSALS = [
    [ProposedEdit(Edit(1, 2, "在"), 0.62), ProposedEdit(Edit(3, 4, ""), 0.33)],
    [ProposedEdit(Edit(2, 3, "冷"), 0.21)],
    [ProposedEdit(Edit(0, 1, "你"), 0.41), ProposedEdit(Edit(3, 3, "了"), 0.72)],
    [ProposedEdit(Edit(1, 1, "去"), 0.81)],
]


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_no_thresholds_are_better(beta):
    scores = DevScores(SENTENCES, PROPOSALS, Annotator())
    found = scores.total(best_thresholds(scores, beta, {}, "edits"), beta).f(beta)
    coarse = GRID[::3]
    others = (dict(zip(DEFAULT_THRESHOLDS, values, strict=True)) for values in itertools.product(coarse, repeat=3))
    assert found >= max(scores.total(thresholds, beta).f(beta) for thresholds in others)


@pytest.mark.parametrize("objective", ["types", "edits"])
def test_given_thresholds_stay(objective):
    scores = DevScores(SENTENCES, PROPOSALS, Annotator())
    assert best_thresholds(scores, 0.5, {"insert": 0.123}, objective)["insert"] == 0.123


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_the_default_point_touches_no_more_than_allowed(tmp_path, limit):
    """One sentence of the set is correct, and its wrong edits are surer than some right ones."""
    (tmp_path / "model.safetensors").write_bytes(b"x")
    scores = DevScores(SENTENCES, PROPOSALS, Annotator(), max_touched=limit)
    points = calibrate(scores, {}, "f1", tmp_path, "edits")["operating_points"]
    touched = {name: scores.touched(point["thresholds"]) for name, point in points.items()}
    assert touched["f1"] <= limit
    assert touched["f2"] == 1.0, "the others are free"
    free = best_thresholds(scores, 1.0, {}, "edits")
    assert (scores.f(points["f1"]["thresholds"], 1.0) < scores.f(free, 1.0)) == (limit == 0.0)


def test_every_set_keeps_its_own_limit():
    strict, free = (DevScores(SENTENCES, PROPOSALS, Annotator(), limit) for limit in (0.0, 1.0))
    both = weighted({"dev_a": strict, "dev_b": free}, {"dev_a": 1.0, "dev_b": 1.0})
    for careful in (True, False):
        found = best_thresholds(both, 1.0, {}, "edits", careful=careful)
        assert (strict.touched(found) == 0.0) == careful


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_each_type_at_its_own_best(beta):
    scores = DevScores(SENTENCES, PROPOSALS, Annotator())
    found = scores.by_type(best_thresholds(scores, beta, {}, "types"), beta)
    for name in DEFAULT_THRESHOLDS:
        best = max(scores.by_type(DEFAULT_THRESHOLDS | {name: value}, beta)[name].f(beta) for value in GRID)
        assert found[name].f(beta) == best


def test_recall_wants_lower_thresholds():
    scores = DevScores(SENTENCES, PROPOSALS, Annotator())
    precise, thorough = (scores.total(best_thresholds(scores, beta, {}, "edits"), beta) for beta in (0.5, 2.0))
    assert thorough.recall >= precise.recall
    assert precise.precision >= thorough.precision


def two_sets(weights):
    """A set that wants a low threshold, and one with twice as many sentences that wants a high one."""
    missed = [ScoredSentence("1", "天气泠", ["天气冷"])], [[ProposedEdit(Edit(2, 3, "冷"), 0.3)]]
    spoilt = (
        [ScoredSentence(str(n), "我再家", ["我在家"]) for n in range(2)],
        [[ProposedEdit(Edit(0, 1, "你"), 0.4), ProposedEdit(Edit(1, 2, "在"), 0.9)]] * 2,
    )
    sets = {name: DevScores(*both, Annotator()) for name, both in {"a": missed, "b": spoilt}.items()}
    return weighted(sets, weights)


@pytest.mark.parametrize("objective", ["types", "edits"])
@pytest.mark.parametrize(("weights", "low"), [({"a": 5.0, "b": 1.0}, True), ({"a": 1.0, "b": 5.0}, False)])
def test_the_weights_of_several_sets_decide(objective, weights, low):
    scores = two_sets(weights)
    threshold = best_thresholds(scores, 0.5, {}, objective)["replace"]
    assert (threshold <= 0.3) == low
    assert (threshold > 0.4) == (not low)
    assert len(scores) == 3


def test_scores_of_several_sets_are_weighted_means():
    scores = two_sets({"a": 1.0, "b": 3.0})
    found = scores.metrics(DEFAULT_THRESHOLDS, "f0.5")
    each = found["sets"]
    assert (each["a"]["recall"], each["b"]["recall"]) == (0.0, 1.0)
    assert found["recall"] == 0.75
    assert found["f0.5"] == pytest.approx(0.75 * each["b"]["f0.5"], abs=1e-4)


def test_a_set_without_errors_of_a_type_has_no_say_about_it():
    right = [ScoredSentence("1", "我再家", ["我在家"])], [[ProposedEdit(Edit(3, 3, "了"), 0.9)]]
    sets = {name: DevScores(*both, Annotator()) for name, both in {"a": (SENTENCES, PROPOSALS), "b": right}.items()}
    both = weighted(sets, {"a": 1.0, "b": 9.0}).f_by_type(DEFAULT_THRESHOLDS, 0.5)
    alone = sets["a"].f_by_type(DEFAULT_THRESHOLDS, 0.5)
    assert both["insert"] == alone["insert"]
    assert both["replace"] == pytest.approx(0.1 * alone["replace"])


def test_a_single_set_has_its_own_scores():
    scores = DevScores(SENTENCES, PROPOSALS, Annotator())
    assert weighted({"dev": scores}, {"dev": 3.0}) is scores


@pytest.mark.parametrize("counts", [False, True])
def test_a_calibration_belongs_to_its_weights(tmp_path, counts):
    """And to the counts beside them."""
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"weights")
    if counts:
        weights = tmp_path / "counts.npz"
        weights.write_bytes(b"counts")
    assert read_thresholds(tmp_path) == DEFAULT_THRESHOLDS
    document = calibrate(DevScores(SENTENCES, PROPOSALS, Annotator()), {}, "f0.5", tmp_path, "types")
    (tmp_path / "calibration.json").write_text(json.dumps(document))
    assert read_thresholds(tmp_path) == document["operating_points"]["f0.5"]["thresholds"]
    assert read_thresholds(tmp_path, "f2") == document["operating_points"]["f2"]["thresholds"]
    with pytest.raises(CheckpointError, match="no operating point 'f3'"):
        read_thresholds(tmp_path, "f3")
    weights.write_bytes(b"other weights")
    with pytest.raises(CheckpointError, match="made for other weights"):
        read_thresholds(tmp_path)
