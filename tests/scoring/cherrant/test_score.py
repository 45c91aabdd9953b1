"""The score as a whole, by hand."""

import pytest

from gaprelm.scoring import cherrant
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.comparison import ComparisonOptions
from gaprelm.scoring.cherrant.score import ReferenceSet, choose_all
from gaprelm.scoring.counts import Counts

SOURCES = ["我再家", "我在家", "天气泠", "他学校", "不知所云"]
HYPOTHESES = ["我在家", "我在家家", "天气泠", "他去学校", "不知道"]
REFERENCES = [["我在家"], ["没有错误"], ["天气冷"], ["他去学校", "他上学校"], ["无法标注"]]


def test_by_hand():
    score = cherrant.cherrant(SOURCES, HYPOTHESES, REFERENCES)
    assert score.counts == Counts(2, 1, 1)
    assert score.by_type == {"M": Counts(1, 1, 0), "R": Counts(), "S": Counts(1, 0, 1), "W": Counts()}
    document = score.as_dict()
    assert (document["precision"], document["recall"], document["f"]) == (0.6667, 0.6667, 0.6667)
    assert document["by_type"]["M"] == {"tp": 1, "fp": 1, "fn": 0, "precision": 0.5, "recall": 1.0, "f": 0.5556}
    assert document["sentences"] == 5
    assert document["signature"].startswith("metric:cherrant|granularity:char|unit:cs|beta:0.5|references:1-2|")
    assert "alignments:all|simplification:t2s|resources:none|version:" in document["signature"]


def test_empty_and_nothing():
    assert cherrant.cherrant(["我在家"], [""], [["我在家"]]).counts == Counts(0, 1, 0)
    nothing = cherrant.cherrant(["我在家"], ["我在家"], [["我在家"]])
    assert (nothing.precision, nothing.recall, nothing.f) == (1.0, 1.0, 1.0)
    missed = cherrant.cherrant(["我再家"], ["我再家"], [["我在家"]])
    assert (missed.precision, missed.recall, missed.f) == (1.0, 0.0, 0.0)


def test_other_lengths_and_missing_references_are_refused():
    with pytest.raises(ValueError, match=r"sentence 1 .* has no reference"):
        cherrant.cherrant(["我", "你"], ["我", "你"], [["我"], []])
    with pytest.raises(ValueError, match="zip"):
        cherrant.cherrant(SOURCES, HYPOTHESES[:2], REFERENCES)


def test_candidates_lead_to_the_same_score():
    references = ReferenceSet(SOURCES, REFERENCES, Annotator())
    for beta in (0.5, 2.0):
        score = references.score(HYPOTHESES, ComparisonOptions(beta=beta))
        assert choose_all(references.candidates(HYPOTHESES), beta) == list(score.chosen)
    again = references.candidates(HYPOTHESES)
    references.forget()
    assert references.candidates(HYPOTHESES) == again
