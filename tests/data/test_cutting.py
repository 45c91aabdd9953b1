"""Long training sentences are cut at ends that source and reference have in common, and nothing gets lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.data.cleaning.cutting import CutCounts, cut_pair, cut_sentences
from gaprelm.data.records import Sentence
from gaprelm.edits.alignment import LONGEST_ALIGNED


@pytest.mark.parametrize(
    ("pieces"),
    [
        [("我再家。", "我在家。"), ("他去学学校。", "他去学校。"), ("好", "好")],
        # Edits right beside an end: before the mark, and at the start of the next sentence.
        [("我在。", "我在家。"), ("你走！", "我走！")],
        [("他说：“我在家。”", "他说：“我在家。”"), ("（好！）", "（好吧！）"), ("走。", "走。")],
        [("真的？！", "真的？！"), ("真的……", "真的……"), ("是", "时")],
        # The end is a comma in one text.
        [("我再家，他去学校。", "我在家。他去学校。")],
        # The mark is another one, or there are more of them.
        [("我再家。他去学校。", "我在家！他去学校。")],
        [("我再家！！他去学校。", "我在家！他去学校。")],
        # A quote that closes behind it on one side.
        [("“我再家。他去学校。", "“我在家。”他去学校。")],
        # Text that is inserted behind an end might belong to either sentence.
        [("我再家。他去学校。", "我在家。好。他去学校。")],
        # A sentence that goes stays with the next one, or with the one before.
        [("甲。", "甲。"), ("乙。丙。", "丙。")],
        [("甲。多余", "甲。")],
        [("甲乙", "甲丙")],
    ],
)
def test_where_pairs_are_cut(pieces):
    source, target = ("".join(part) for part in zip(*pieces, strict=True))
    assert cut_pair(source, target) == pieces


TEXT = st.text("我你他。！，”好", max_size=30)


@given(TEXT, TEXT)
def test_pieces_joined_are_the_pair(source, target):
    pieces = cut_pair(source, target)
    assert ("".join(s for s, _ in pieces), "".join(t for _, t in pieces)) == (source, target)
    assert len(pieces) == 1 or all(s and t for s, t in pieces)
    for one, other in pieces[:-1]:
        assert one.rstrip("”")[-1] == other.rstrip("”")[-1]
        assert one.rstrip("”")[-1] in "。！"


@given(TEXT)
def test_correct_text_is_cut_at_each_of_its_ends(text):
    assert all(source == target for source, target in cut_pair(text, text))


def test_texts_that_are_too_long_to_align_stay_whole():
    text = "我在家。" * LONGEST_ALIGNED
    assert len(cut_pair(text, text)) == LONGEST_ALIGNED
    assert len(cut_pair(text, "你" + text)) == 1


def cut(*rows, longest=6):
    counts = CutCounts()
    return list(cut_sentences(rows, longest, counts)), (counts.sentences, counts.pieces)


def row(source, *targets):
    return Sentence("7", "x", source, list(targets))


def test_only_what_is_too_long_is_cut():
    short, clean = row("我再。你在。", "我在。你在。"), row("今天雨。")
    assert cut(short, clean) == ([short, clean], (0, 0))
    rows, counts = cut(row("我再家。你在家。", "我在家。你在家。"), short)
    assert rows == [row("我再家。", "我在家。"), row("你在家。", "你在家。"), short]
    assert counts == (1, 2)
    # The reference alone is too long.
    assert cut(row("我再。你再。", "我在家。你在家。"))[0] == [row("我再。", "我在家。"), row("你再。", "你在家。")]


def test_references_are_cut_each_where_it_can_be():
    rows, counts = cut(row("我再。你再。", "我在。你在。", "我在家。你在。", "我，在家，你在", "我在家。你再。"))
    assert rows == [
        # one that fits, and one that cannot be cut; a later step leaves it out
        row("我再。你再。", "我在。你在。", "我，在家，你在"),
        row("我再。", "我在家。"),
        row("你再。", "你在。"),
        row("你再。", "你再。"),
    ]
    # 我再。 → 我在家。 came twice.
    assert counts == (1, 3)


def test_a_sentence_without_a_reference_stays():
    long = row("我再家。你在家。")
    assert cut(long) == ([long], (0, 0))
