"""Sentence level, by hand."""

import pytest

from gaprelm.scoring.sentences import sentence_scores

CASES = [  # source, hypothesis, references
    ("我再家", "我在家", ["我在家"]),  # corrected
    ("天气泠", "天气令", ["天气冷"]),  # found, not corrected
    ("他再家", "她再家", ["他在家"]),  # changed at another place
    ("下雨聊", "下雨聊", ["下雨了"]),  # missed
    ("我在家", "我在家", ["我在家"]),  # left alone
    ("去学校", "去学笑", ["去学校"]),  # over-corrected
]


def test_by_hand():
    scores = sentence_scores(*zip(*CASES, strict=True))
    assert (scores["sentences"], scores["wrong"], scores["changed"]) == (6, 4, 4)
    assert scores["over_correction_rate"] == 0.5
    assert scores["detection"]["precision"] == pytest.approx(2 / 4)
    assert scores["detection"]["recall"] == pytest.approx(2 / 4)
    assert scores["detection"]["accuracy"] == pytest.approx(3 / 6)
    assert scores["correction"]["precision"] == pytest.approx(1 / 4)
    assert scores["correction"]["recall"] == pytest.approx(1 / 4)
    assert scores["correction"]["f1"] == pytest.approx(1 / 4)
    assert scores["correction"]["accuracy"] == pytest.approx(2 / 6)


def test_a_source_that_is_one_of_its_references_is_correct():
    scores = sentence_scores(["我在家"], ["我在家里"], [["我在家", "我在家里"]])
    assert scores["wrong"] == 0
    assert scores["correction"]["accuracy"] == 1.0
