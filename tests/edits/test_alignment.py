"""The aligner: shortest, deterministic, and by its stated preferences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from gaprelm.edits.alignment import align
from gaprelm.edits.edit import Edit, apply_edits

# Few letters make many ties; the others are what breaks careless code.
TEXT = st.text(
    st.sampled_from("在再做坐他她aB1，。 \u3000😀ＡＢ\U00020000") | st.characters(exclude_categories=["Cs"]),
    max_size=30,
)
TIES = st.text(st.sampled_from("ab在再"), max_size=12)


@given(TEXT | TIES, TEXT | TIES)
def test_edits_turn_source_into_target(source, target):
    assert apply_edits(source, align(source, target)) == target


@given(TIES, TIES)
def test_no_alignment_is_shorter(source, target):
    edited = sum(max(edit.end - edit.start, len(edit.text)) for edit in align(source, target))
    assert edited == Levenshtein.distance(source, target)


@given(TEXT, TEXT)
def test_edits_are_atomic_and_ascending(source, target):
    edits = align(source, target)
    assert edits == sorted(edits)
    for edit in edits:
        assert edit.end - edit.start <= 1
        assert edit.start == edit.end or len(edit.text) <= 1
        assert edit.text or edit.start < edit.end


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("我去学校", "我去学校", []),
        ("", "好", [Edit(0, 0, "好")]),
        ("好", "", [Edit(0, 1, "")]),
        # of a repeated character the later one is the edit
        ("今今天好", "今天好", [Edit(1, 2, "")]),
        ("天好", "天天好", [Edit(1, 1, "天")]),
        # characters missing in one gap are one edit
        ("我学校", "我要去学校", [Edit(1, 1, "要去")]),
        # exchanged neighbours are two replacements
        ("学我校", "我学校", [Edit(0, 1, "我"), Edit(1, 2, "学")]),
        # what is missing and what is redundant, not two replacements of unlike characters
        ("我再家看书书", "我在家里看书", [Edit(1, 2, "在"), Edit(3, 3, "里"), Edit(5, 6, "")]),
        # a word of two wrong characters that sound right
        ("我门在", "他们在", [Edit(0, 1, "他"), Edit(1, 2, "们")]),
        ("事清很多", "情况很多", [Edit(0, 1, "情"), Edit(1, 2, "况")]),
        # the replaced character is the one that sounds alike: 再 and 在, not 做 and 在
        ("再做家", "在家", [Edit(0, 1, "在"), Edit(1, 2, "")]),
        ("做再家", "在家", [Edit(0, 1, ""), Edit(1, 2, "在")]),
        # near sounds count too: 是 shi and 四 si
        ("去四个", "是个", [Edit(0, 1, ""), Edit(1, 2, "是")]),
        # code points, not UTF-16 units
        ("😀在家", "😀再家", [Edit(1, 2, "再")]),
        ("\U00020000在", "在", [Edit(0, 1, "")]),
    ],
)
def test_preferences(source, target, expected):
    assert align(source, target) == expected


def test_long_texts_are_aligned_in_blocks():
    source = "我今天去学校上课，" * 200
    target = source.replace("去学校", "去了学校", 1)[:-1] + "。"
    edits = align(source, target)
    assert edits == [Edit(4, 4, "了"), Edit(len(source) - 1, len(source), "。")]


def test_apply_edits_refuses_overlaps():
    with pytest.raises(ValueError, match="edit"):
        apply_edits("我们", [Edit(0, 2, "他"), Edit(1, 2, "")])
