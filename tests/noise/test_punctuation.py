"""Errors in punctuation: what is written for a mark, and which marks stay."""

import pytest

from gaprelm.noise.punctuation import MARKS
from tests.noise.test_corruption import TEXTS, corruptor, only

MARKS_IN_TEXTS = "，。？！：；、,.?!:;"
SENTENCE = "他来了，我很高兴。你呢？"


def written(kind, sentence=SENTENCE, marks=MARKS_IN_TEXTS):
    generator = corruptor(texts=[*TEXTS, marks], **only(kind), max_errors=1)
    return {generator.corrupt(sentence, str(number)).source for number in range(300)} - {sentence}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("half_width", {"他来了,我很高兴。你呢？", "他来了，我很高兴.你呢？", "他来了，我很高兴。你呢?"}),
        ("doubled", {"他来了，，我很高兴。你呢？", "他来了，我很高兴。。你呢？", "他来了，我很高兴。你呢？？"}),
        ("omitted", {"他来了我很高兴。你呢？", "他来了，我很高兴你呢？", "他来了，我很高兴。你呢"}),
    ],
)
def test_kinds(kind, expected):
    assert written(kind) == expected


def test_a_comma_for_a_full_stop_and_the_other_way_round():
    found = written("exchanged")
    assert {"他来了，我很高兴，你呢？", "他来了。我很高兴。你呢？", "他来了，我很高兴。你呢。"} <= found
    assert all(len(source) == len(SENTENCE) for source in found)


@pytest.mark.parametrize("kind", ["half_width", "exchanged", "doubled", "omitted"])
def test_marks_of_numbers_titles_and_other_scripts_stay(kind):
    for sentence in ("3，500", "iPhone，Mac", "《你好，世界》", "“”（）", "2024年3月5日，12时"):
        assert written(kind, sentence) == set()
    assert written(kind, "2024年3月5日，他来") != set()


def test_only_marks_of_the_texts_are_written():
    assert written("half_width", marks="，。？,") == {"他来了,我很高兴。你呢？"}
    assert not set("、；") & set("".join(written("exchanged", marks="，。？")))


def test_errors_in_characters_leave_marks_alone():
    generator = corruptor(mix={"missing": 0.5, "wrong": 0.5}, characters_per_error=2)
    for number in range(200):
        source = generator.corrupt(SENTENCE, str(number)).source
        assert [c for c in source if c in MARKS] == [c for c in SENTENCE if c in MARKS]
