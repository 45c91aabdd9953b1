"""Names stay, misspelt words that look like names do not; without the tagger there is one clear error."""

import sys

import pytest

from gaprelm.cli.main import main
from gaprelm.correction.control import Control
from gaprelm.correction.control.refinement import allowed_edits, refine
from gaprelm.edits.edit import apply_edits
from gaprelm.errors import ConfigurationError
from tests.correction.control.stubs import Noisy, Scripted

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}
NO_TAGGER = "rjieba is not installed\n  cure: pip install 'gaprelm[names]'"


def test_without_the_tagger_there_is_one_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(ConfigurationError) as caught:
        Control(protect_names=True)
    assert str(caught.value) == NO_TAGGER
    with pytest.raises(ConfigurationError, match="rjieba is not installed"):
        main(["correct", "--protect-names", "--model", "none"])
    assert Control(protect_names=False) == Control()


@pytest.fixture
def tagger():
    pytest.importorskip("rjieba", reason="rjieba is not installed: pip install 'gaprelm[names]'")


def corrected(text, *edits, protect_names=True, **options):
    """The target, where the model says ``edits`` of the text."""
    (made,) = refine([text], Scripted({text: edits}), LOW, Control(protect_names=protect_names, **options))
    return apply_edits(text, [p.edit for p in made])


@pytest.mark.usefixtures("tagger")
@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("参观钱学森故居", (4, 5, "生")),  # 学生 is a word, but not the whole of a name that the dictionary knows
        ("北京队的丛振龙夺冠", (4, 5, "从")),
        ("在杭州的杰瑞米说", (6, 7, "密")),
        ("在抚州市黎川县", (1, 2, "福")),  # 福州市 is as long
        ("杨晓超作了报告", (2, 3, "")),
        ("刘晏改革漕运", (1, 2, "安")),  # from a name to a name
        ("王沪宁出席会议", (1, 1, "小")),
        ("张国利出席", (1, 2, "围")),  # the surname stands alone
        ("省委书记易炼红说", (6, 7, "洪")),  # the tagger ends the name too early
        ("合并后的超邦公司", (5, 6, "帮")),  # unknown, but a company
        ("塞维利亚·苏纳克来访", (6, 7, "那")),
        ("\ud800丛振龙夺冠", (1, 2, "从")),
        ("😀在北京大学", (3, 4, "惊")),
    ],
)
def test_names_stay(text, edit):
    assert corrected(text, (*edit, 0.9), protect_names=False) != text
    assert corrected(text, (*edit, 0.9)) == text
    assert corrected(text, (*edit, 0.9), max_rounds=2) == text


@pytest.mark.usefixtures("tagger")
@pytest.mark.parametrize(
    ("text", "edit", "target"),
    [
        ("我正在考卢这件事", (4, 5, "虑"), "我正在考虑这件事"),
        ("你没关西吧", (3, 4, "系"), "你没关系吧"),  # longer than the name
        ("最喜欢小龙包", (4, 5, "笼"), "最喜欢小笼包"),
        ("有很多杨色", (3, 4, "颜"), "有很多颜色"),
        ("我问王先升好", (4, 5, "生"), "我问王先生好"),
        ("李老是来了", (2, 3, "师"), "李老师来了"),
        ("曾么样了", (0, 1, "怎"), "怎么样了"),
        ("李强在在北京", (3, 4, ""), "李强在北京"),
        ("李强北京", (2, 2, "在"), "李强在北京"),  # between two names
        ("今天因该去", (2, 3, "应"), "今天应该去"),
    ],
)
def test_errors_do_not(text, edit, target):
    assert corrected(text, (*edit, 0.9)) == target


@pytest.mark.usefixtures("tagger")
def test_the_users_own_table_is_stronger():
    assert corrected("丛振龙夺冠", always={"丛振龙": "从振龙"}) == "从振龙夺冠"


@pytest.mark.usefixtures("tagger")
def test_it_only_takes_edits_away():
    texts = ["李明·我在北京大学", "看书\r\n王家学校", "\ud800\0我再在", "公司公司，·的"]
    for text, found, kept in zip(
        texts,
        allowed_edits(texts, Noisy(), Control()),
        allowed_edits(texts, Noisy(), Control(protect_names=True)),
        strict=True,
    ):
        assert set(kept) <= set(found), text


@pytest.mark.usefixtures("tagger")
def test_a_request_asks_for_it_or_not():
    pytest.importorskip("fastapi")
    from gaprelm.service.jobs import control_for_request
    from gaprelm.service.schemas import Options

    assert control_for_request(Options(protect_names=True), Control()).protect_names
    assert control_for_request(Options(), Control(protect_names=True)).protect_names
    assert not control_for_request(Options(protect_names=False), Control(protect_names=True)).protect_names
