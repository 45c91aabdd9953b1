"""Protected spans: found, and never touched."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaprelm.errors import InputError
from gaprelm.noise.protection import Protection
from tests.noise.test_corruption import EVERY_KIND, corruptor

TERMS = ["盖普纠错", "开源", "开源社区"]


@pytest.mark.parametrize(
    ("sentence", "protected"),
    [
        ("他在2024年3月5日来", ["2024年", "3月", "5日"]),
        ("二〇二四年三月五号", ["二〇二四年", "三月", "五号"]),
        ("我看了《三国演义》。", ["《三国演义》"]),
        ("第三次有一百二十人", ["第三", "一百二十"]),
        ("百分之五", ["百分之五"]),
        ("重三点五公斤，百分之三点五，三点五分到", ["三点五", "百分之三点五", "三点五分"]),
        ("一起去", []),
        ("《没有结尾", []),
        ("去开源社区用盖普纠错", ["开源", "开源社区", "盖普纠错"]),
    ],
)
def test_spans(sentence, protected):
    assert [sentence[start:end] for start, end in Protection(TERMS).spans(sentence)] == protected


PIECES = [
    "2024年3月5日",
    "三点五",
    "百分之八",
    "《我们的家》",
    "第十二",
    "三千五百",
    "iPhone 15",
    "３．５",
    "开源社区",
    "abc",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "我在家学习", "他们的权利", "，", "请"]), max_size=8), st.integers(0, 99))
def test_protected_spans_are_never_touched(parts, number):
    sentence = "了".join(parts)
    with_terms = corruptor(**EVERY_KIND, characters_per_error=1)
    with_terms._protection = Protection(TERMS)
    source = with_terms.corrupt(sentence, str(number)).source
    place = 0
    for piece in (part for part in parts if part in PIECES):
        place = source.find(piece, place)
        assert place >= 0, (sentence, source)
        place += len(piece)


def test_digits_are_not_brought_together():
    for number in range(200):
        assert "35" not in corruptor(mix={"missing": 1}).corrupt("大约3和5之间", str(number)).source


def test_terms_from_a_file(tmp_path):
    path = tmp_path / "terms.txt"
    path.write_text("开源社区\n\n 纠错 \n", encoding="utf-8")
    spans = Protection.from_file(path).spans("在开源社区纠错")
    assert list(spans) == [(1, 5), (5, 7)]
    path.write_bytes(b"ok\n\xff\n")
    with pytest.raises(InputError, match=r"terms\.txt:2"):
        Protection.from_file(path)


def test_a_protection_can_be_sent_to_another_process():
    assert list(pickle.loads(pickle.dumps(Protection(["开源"]))).spans("去开源")) == [(1, 3)]


def test_terms_that_overlap_are_protected_whole():
    touched = {start for s, e in Protection(["开源社", "源社区", "社"]).spans("在开源社区里") for start in range(s, e)}
    assert touched == {1, 2, 3, 4}
