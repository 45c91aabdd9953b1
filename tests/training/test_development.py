"""Dev sets: what each counts for, and the one threshold at which they are compared."""

import json

import numpy as np
import pytest

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.records import Sentence
from gaprelm.data.tables import ALIGNED, write_table
from gaprelm.scoring.cherrant.comparison import SentenceCounts
from gaprelm.scoring.counts import Counts
from gaprelm.training.development import COMMON_THRESHOLDS, DevSets, Measured
from tests.training.conftest import train


class Known:
    """A dev set on which the counts at each common threshold are given."""

    size = 1

    def __init__(self, rows, gold=(4, 1, 1, 0, 0)):
        self._measured = Measured(
            np.array(gold, dtype=float), [[[SentenceCounts(counts, {}, 0, 0)]] for counts in rows]
        )

    def measure(self, model):
        return self._measured


RIGHT, MISSED, WRONG = Counts(1, 0, 0), Counts(0, 0, 1), Counts(1, 3, 0)
N = len(COMMON_THRESHOLDS)
# The first is best at low thresholds, the second at high ones.
LOW, HIGH = Known([RIGHT] * 3 + [MISSED] * (N - 3)), Known([WRONG] * 3 + [RIGHT] * (N - 3), gold=(4, 3, 1, 0, 1))


@pytest.mark.parametrize(("weights", "row"), [((9, 1), 0), ((1, 9), 3)])
def test_the_weighted_mean_chooses_one_threshold_for_all_sets(weights, row):
    sets = DevSets({"a": LOW, "b": HIGH}, dict(zip("ab", map(float, weights), strict=True)), 0.5)
    metrics = sets.evaluate(None)
    assert metrics["threshold"] == COMMON_THRESHOLDS[row]
    f = [(RIGHT if row == 0 else MISSED).f(0.5), (WRONG if row == 0 else RIGHT).f(0.5)]
    assert [metrics["a_f0.5"], metrics["b_f0.5"]] == f
    assert metrics["f0.5"] == pytest.approx(np.average(f, weights=weights))
    assert metrics["infill_accuracy"] == pytest.approx(np.average([0.25, 0.75], weights=weights))


def test_a_single_set_has_its_own_metrics_and_no_name():
    metrics = DevSets({"dev": HIGH}, {"dev": 2.0}, 0.5).evaluate(None)
    assert metrics["f0.5"] == 1.0
    assert metrics["threshold"] == COMMON_THRESHOLDS[3]
    assert not [name for name in metrics if name.startswith("dev")]


@pytest.mark.parametrize("point", ["f0.5", "f2"])
def test_the_operating_point_chooses_the_checkpoint_whatever_the_loss_favours(stage, point):
    path = stage(point, enable_f2=point == "f0.5", operating_point=point, num_epochs=1)
    assert train(path).returncode == 0
    assert json.loads((path.parent / "best" / "training_args.json").read_text())["chosen_by"] == point


@pytest.mark.parametrize("processes", [1, 2])
def test_a_stage_scores_each_of_its_dev_sets(stage, tmp_path, processes):
    other = [Sentence(str(n), "x", "我号。", ["我好。"]) for n in range(3)]
    write_table(tmp_path / "other.parquet", aligned_rows(other), ALIGNED)
    sets = {"dev_a": str(tmp_path / "dev.parquet"), "dev_b": str(tmp_path / "other.parquet")}
    path = stage("several", dev_data=sets, dev_weights={"dev_a": 1.0, "dev_b": 3.0}, num_epochs=1)
    result = train(path, processes)
    assert result.returncode == 0, result.stderr
    assert "dev dev_a 14 sentences (weight 1), dev_b 3 sentences (weight 3)" in result.stderr
    entry = next(e for e in json.loads((path.parent / "history.json").read_text()) if "eval_f0.5" in e)
    assert entry["eval_f0.5"] == pytest.approx((entry["eval_dev_a_f0.5"] + 3 * entry["eval_dev_b_f0.5"]) / 4)
