"""Edits of sentences: the fast alignment against the direct one, and what the official tool cannot do."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaprelm.scoring.cherrant import annotation
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.lattice import lattices
from gaprelm.scoring.cherrant.merging import edits_of
from gaprelm.scoring.cherrant.paths import Step, cheapest_paths
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.cherrant.substitution import SubstitutionCosts
from tests.scoring.cherrant.direct_alignment import alignments

# Few different characters, some alike in sound or form, some marks, Latin: many ties, many transpositions.
ALPHABET = "的地得在再他她己已，。a"
RESOURCES = Resources({"他": ("A", "a", "03"), "她": ("A", "a", "03"), "在": ("K", "b", "01")}, {"己": "已"}, "test")


def all_edits(source, target, **options):
    (sentence,) = Annotator(RESOURCES, **options).annotate([(source, [target])])
    return sentence.annotations[0]


@st.composite
def pairs(draw):
    """Unrelated texts, and texts of which one was made from the other."""
    source = draw(st.text(ALPHABET, min_size=1, max_size=24))
    if draw(st.booleans()):
        return source, draw(st.text(ALPHABET, min_size=1, max_size=24))
    target = list(source)
    for _ in range(draw(st.integers(1, 5))):
        place, length = draw(st.integers(0, len(target))), draw(st.integers(0, 5))
        piece = target[place : place + length]
        target[place : place + length] = draw(st.permutations(piece)) if piece else draw(st.text(ALPHABET, max_size=2))
    return source, "".join(target)


@settings(max_examples=400, deadline=None)
@given(st.lists(pairs(), min_size=1, max_size=6), st.booleans())
def test_equal_to_the_direct_alignment(texts, first_only):
    """In one batch, so that pairs of different sizes share arrays."""
    texts = [(source, target) for source, target in texts if target and source != target]
    inventory = sorted(set("".join(map("".join, texts))))
    index = {token: number for number, token in enumerate(inventory)}
    costs = SubstitutionCosts(inventory, RESOURCES)
    ids = [tuple(np.array([index[c] for c in side], dtype=np.int32) for side in pair) for pair in texts]
    for number, lattice in lattices(ids, costs, 1 << 20):
        source, target = texts[number]
        direct = alignments(source, target, lambda a, b: float(costs(index[a], index[b])), first_only)
        expected = [[Step(*step) for step in path if step[0] != "M"] for path in direct]
        assert list(cheapest_paths(lattice, first_only)) == expected


@settings(max_examples=200, deadline=None)
@given(pairs())
def test_edits_rebuild_the_target(pair):
    source, target = pair
    annotation = all_edits(source, target, keep_traditional=True)
    if annotation.status == "noop":
        assert source == target
        return
    for alignment in annotation.alignments:
        rebuilt, done = [], 0
        for start, end, kind, correction in sorted(alignment):
            assert done <= start <= end <= len(source)
            rebuilt += [source[done:start], "" if kind == "R" else correction.replace(" ", "")]
            done = end
        assert "".join([*rebuilt, source[done:]]) == target


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("我再家。", "我在家。", [(1, 2, "S", "在")]),
        ("我家。", "我在家。", [(1, 1, "M", "在")]),
        ("我在在家。", "我在家。", [(1, 2, "R", "-NONE-")]),
        ("我家在。", "我在家。", [(1, 3, "W", "在 家")]),
        ("他去了学校昨天", "他昨天去了学校", [(1, 7, "W", "昨 天 去 了 学 校")]),
        ("天气狠泠", "天气很冷", [(2, 4, "S", "很 冷")]),
        ("去学校", "想去学校了", [(0, 0, "M", "想"), (3, 3, "M", "了")]),
        ("他[缺失成分]好", "他很好", [(1, 2, "S", "很")]),
    ],
)
def test_by_hand(source, target, expected):
    assert [tuple(edit) for edit in all_edits(source, target).alignments[0]] == expected


def test_markers_blanks_and_script():
    assert all_edits("我在家", "没有错误").status == "noop"
    assert all_edits("我在家", "无法标注").status == "NA"
    assert all_edits("我 在\u3000家", "我在家 ").status == "noop"
    # Targets are simplified, sources are not: a copy of a traditional source has edits.
    assert [tuple(e) for e in all_edits("別去", "別去").alignments[0]] == [(0, 1, "S", "别")]
    assert all_edits("別去", "別去", keep_traditional=True).status == "noop"


def test_a_text_without_characters_is_text_too():
    assert [tuple(e) for e in all_edits("我在家", "").alignments[0]] == [(0, 3, "R", "-NONE-")]
    assert [tuple(e) for e in all_edits("", "我在家").alignments[0]] == [(0, 0, "M", "我 在 家")]
    assert all_edits("", " ").status == "noop"


def test_thousands_of_characters():
    """The official tool's recursion ends at about a thousand."""
    source = "今天天气很好，我们一起去公园看花。" * 300
    target = source[:2000] + "错" + source[2001:4000] + source[4003:] + "完。"
    edits = all_edits(source, target).alignments[0]
    assert edits[0][:3] == (2000, 2001, "S")
    assert len(edits) <= 5


def test_what_cannot_be_aligned_is_one_edit(monkeypatch, caplog):
    monkeypatch.setattr(annotation, "_MOST_CELLS", 1000)
    with caplog.at_level(logging.WARNING):
        edits = all_edits("头" + "的" * 90 + "尾", "头" + "他" * 80 + "尾").alignments[0]
    assert [(e.start, e.end, e.type) for e in edits] == [(1, 91, "S")]
    assert "too unlike" in caplog.text


def test_workers_and_blocks_change_nothing(monkeypatch):
    texts = [("我再家" + "的" * (i % 7), ["我在家" + "地" * (i % 5), "没有错误"]) for i in range(50)]
    alone = list(Annotator().annotate(iter(texts)))
    monkeypatch.setattr(annotation, "_BLOCK", 7)
    assert list(Annotator().annotate(iter(texts))) == alone
    assert list(Annotator().annotate(iter(texts), workers=2)) == alone


def test_edits_of_mixed_insertions_and_deletions_stay_apart():
    steps = [Step("D", 0, 1, 0, 0), Step("I", 1, 1, 0, 1), Step("I", 1, 1, 1, 2)]
    assert [edit.type for edit in edits_of(steps, "天", "xy")] == ["R", "M", "M"]
