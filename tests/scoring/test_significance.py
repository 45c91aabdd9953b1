"""Intervals and tests against what is known of them."""

import numpy as np
import pytest

from gaprelm.scoring.counts import Counts
from gaprelm.scoring.significance import difference, f_beta, interval

RANDOM = np.random.default_rng(1)


def sentences(number, right, wrong=0.2, missed=0.5):
    rates = (right, wrong, missed)
    return np.stack([RANDOM.binomial(2, rate, size=number) for rate in rates], axis=1)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_f_is_the_f_of_counts(beta):
    sums = np.array([[3, 1, 3], [0, 0, 0], [0, 0, 2], [0, 3, 0], [0, 2, 2], [5, 0, 0]])
    assert f_beta(beta)(sums) == pytest.approx([Counts(*map(int, row)).f(beta) for row in sums])


def test_interval_holds_the_score_and_shrinks_with_more_sentences():
    widths = []
    for number in (100, 10_000):
        table = sentences(number, 0.4)
        low, high = interval(table, f_beta(0.5))
        assert low < f_beta(0.5)(table.sum(0)) < high
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0] / 10, rel=0.4)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    truth = f_beta(0.5)(np.array([400, 200, 500]))
    hits = 0
    for _ in range(200):
        low, high = interval(sentences(300, 0.4), f_beta(0.5))
        hits += low <= truth <= high
    assert 180 <= hits <= 199


def test_difference():
    first, second = sentences(500, 0.6), sentences(500, 0.3)
    clear = difference(first, second, f_beta(0.5))
    assert clear.low > 0
    assert clear.p < 0.001
    same = difference(first, first, f_beta(0.5))
    assert (same.value, same.low, same.high, same.p) == (0, 0, 0, 1)
    opposite = difference(second, first, f_beta(0.5))
    assert opposite.value == -clear.value
    chance = [difference(sentences(200, 0.4), sentences(200, 0.4), f_beta(0.5)).p for _ in range(100)]
    assert sum(p < 0.05 for p in chance) <= 15
    with pytest.raises(ValueError, match="500 and 20 sentences"):
        difference(first, sentences(20, 0.3), f_beta(0.5))
