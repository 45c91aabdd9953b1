"""The counted corrector proposes what the counts say."""

import numpy as np
import pytest

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.edits.edit import DELETE, INSERT, REPLACE, Edit
from gaprelm.edits.proposed import corrected
from gaprelm.studies.baselines.channel import ChannelProposer, fit_logistic, fitted
from tests.counts.conftest import PAIRS, TEXTS


@pytest.fixture(scope="module")
def counts():
    return CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS))


def test_wrong_characters_are_found(counts):
    texts = ["他在图书管看书。", "", "他在图书馆看书。"]
    proposals = ChannelProposer(counts, types=[REPLACE])(texts)
    best = max(proposals[0], key=lambda proposal: proposal.confidence)
    assert best.edit == Edit(4, 5, "馆")
    fixed = [corrected(t, p, {REPLACE: 0.2}) for t, p in zip(texts, proposals, strict=True)]
    assert fixed == ["他在图书馆看书。", "", "他在图书馆看书。"]


def test_proposals_can_be_applied_in_their_order(counts):
    text = "我天再图书管看看书。"
    (proposals,) = ChannelProposer(counts, floor=0.0)([text])
    places = [(p.edit.start, p.edit.end) for p in proposals]
    assert places == sorted(set(places))
    assert {p.type for p in proposals} == {REPLACE, INSERT, DELETE}
    corrected(text, proposals, dict.fromkeys((REPLACE, INSERT, DELETE), 0.0))


def test_confidence_is_the_share_of_the_right_proposals(counts):
    pairs = [("他在图书管看书。", "他在图书馆看书。"), ("我在学校看书。", "我在学校看书。")] * 5
    logistics = fitted(counts, pairs)
    assert logistics[REPLACE][0] > 0
    proposals = ChannelProposer(counts, logistics, [REPLACE], floor=0.0)([source for source, _ in pairs])
    best = {p.edit: p.confidence for edits in proposals for p in edits}
    assert best[Edit(4, 5, "馆")] > 0.9
    assert sorted(best.values())[-2] < 0.5


def test_a_logistic_is_fitted():
    draw = np.random.default_rng(0)
    scores = draw.normal(0, 3, 20_000)
    right = draw.random(len(scores)) < 1 / (1 + np.exp(-(0.7 * scores - 1.5)))
    assert fit_logistic(scores, right) == pytest.approx((0.7, -1.5), abs=0.1)
    assert fit_logistic(np.zeros(0), np.zeros(0, dtype=bool)) == (1.0, 0.0)
    slope, offset = fit_logistic(np.array([5.0, -5.0]), np.array([True, False]))  # separable, still finite
    assert 0 < slope < 10
    assert abs(offset) < 10
