"""Counts over edits, by hand."""

import pytest

from gaprelm.scoring.character_edits import corpus_counts, sentence_counts, summarize
from gaprelm.scoring.counts import Counts


@pytest.mark.parametrize(
    ("source", "hypothesis", "references", "expected"),
    [
        ("我再家", "我在家", ["我在家"], {"replace": (1, 0, 0)}),
        ("我再家", "我再家", ["我在家"], {"replace": (0, 0, 1)}),
        ("我在家", "我再家", ["我在家"], {"replace": (0, 1, 0)}),
        ("我再家", "我作家", ["我在家"], {"replace": (0, 1, 1)}),  # right place, wrong character
        ("我家", "我在家", ["我在家"], {"insert": (1, 0, 0)}),
        ("我在在家", "我在家", ["我在家"], {"delete": (1, 0, 0)}),
        ("我再家里里", "我在家里里", ["我在家里"], {"replace": (1, 0, 0), "delete": (0, 0, 1)}),
        # two characters missing in one gap are one edit
        ("我校", "我去校", ["我去学校"], {"insert": (0, 1, 1)}),
        # the reference that fits best
        ("我再家", "我在家", ["我住家", "我在家"], {"replace": (1, 0, 0)}),
        ("我再家", "我再家", ["我再家", "我在家"], {}),
    ],
)
def test_sentences(source, hypothesis, references, expected):
    counts = sentence_counts(source, hypothesis, references)
    assert {name: c for name, c in counts.items() if c != Counts()} == {n: Counts(*c) for n, c in expected.items()}


def test_a_sentence_without_reference_is_refused():
    with pytest.raises(ValueError, match="no reference"):
        sentence_counts("我", "我", [])


def test_corpus_scores():
    sentences = [
        sentence_counts("我再家", "我在家", ["我在家"]),
        sentence_counts("我在家", "我在家家", ["我在家"]),
        sentence_counts("天气泠", "天气泠", ["天气冷"]),
        sentence_counts("他学校", "他去学校", ["他去学校"]),
    ]
    scores = summarize(corpus_counts(sentences))
    assert (scores["tp"], scores["fp"], scores["fn"]) == (2, 1, 1)
    assert scores["precision"] == pytest.approx(2 / 3)
    assert scores["f0.5"] == pytest.approx(2 / 3)
    assert scores["by_type"]["insert"]["tp"] == 1
    assert scores["by_type"]["insert"]["fp"] == 1


def test_f_beta():
    counts = Counts(tp=3, fp=1, fn=3)
    assert counts.precision == 0.75
    assert counts.recall == 0.5
    assert counts.f(1) == pytest.approx(0.6)
    assert counts.f(0.5) == pytest.approx(1.25 * 0.75 * 0.5 / (0.25 * 0.75 + 0.5))
    assert Counts().f(0.5) == 1.0  # nothing to find, nothing proposed
    assert Counts(fn=2).f(0.5) == 0.0
