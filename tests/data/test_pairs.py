"""Sentences to pairs."""

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.records import Sentence


def test_equal_references_are_one_pair():
    references = ["我在家", "我再在家", "我在家"]
    rows = list(aligned_rows([Sentence("1", "a", "我再家", references), Sentence("2", "a", "好", [])]))
    assert [row["target"] for row in rows] == references[:2]
    assert {row["id"] for row in rows} == {"1"}
