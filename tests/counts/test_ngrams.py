"""Probabilities of n-grams."""

import numpy as np
import pytest

from gaprelm.counts.counting import count_ngrams
from gaprelm.counts.estimation import estimate
from gaprelm.counts.ngrams import NgramModel

SIZE = 30


def levels_of(order, least, kneser_ney=True):
    draw = np.random.default_rng(3)
    stream = (draw.zipf(1.3, 5000) % (SIZE - 2) + 2).astype(np.uint16)
    return estimate(count_ngrams([stream], order), SIZE, least, kneser_ney)


@pytest.mark.parametrize("kneser_ney", [True, False])
@pytest.mark.parametrize(("order", "least"), [(2, [0, 1]), (3, [0, 2, 2]), (4, [0, 2, 2, 3])])
def test_every_context_sums_to_one(order, least, kneser_ney):
    model = NgramModel.from_levels(levels_of(order, least, kneser_ney), load=0.5)
    every = np.arange(SIZE)[None]
    for context in ([2, 3, 2], [2, 2, 2], [9, 4, 3], [29, 28, 27]):
        characters = [np.array([[c]]) for c in context[: order - 1]]
        total = np.exp(model.log_probability(*characters, every)).sum()
        assert total == pytest.approx(1, abs=0.04)  # 8 bits


def test_a_frequent_continuation_is_likelier_and_longer_contexts_are_cut():
    stream = np.array([2, 3, 4] * 50 + [2, 3, 5], dtype=np.uint16)
    model = NgramModel.from_levels(estimate(count_ngrams([stream], 3), 8, [0, 2, 2]), load=0.5)
    two, three, four, five = (np.array([c]) for c in (2, 3, 4, 5))
    assert model.log_probability(two, three, four) > model.log_probability(two, three, five) + 2
    assert model.log_probability(five, two, three, four) == model.log_probability(two, three, four)
    again = NgramModel.from_arrays(model.arrays())
    assert again.order == 3
    assert again.log_probability(two, three, five) == model.log_probability(two, three, five)
