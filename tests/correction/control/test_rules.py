"""Protected words, the user's own table, classes of characters, limits: what a control lets through."""

import random
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaprelm.correction.control import Control
from gaprelm.correction.control.confusions import never_table
from gaprelm.correction.control.protection import protected_slots
from gaprelm.correction.control.refinement import allowed_edits, refine
from gaprelm.correction.control.selection import within_limits
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit
from gaprelm.terms import Terms
from tests.correction.control.stubs import Noisy, Scripted

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}


def corrected(text, script, **options):
    """The target, where the model says ``script`` of the text."""
    (edits,) = refine([text], Scripted({text: script}), LOW, Control(**options))
    return apply_edits(text, [p.edit for p in edits])


@given(st.lists(st.text("ab我😀", min_size=1, max_size=3), max_size=6), st.text("ab我😀\ud800\0", max_size=12))
def test_terms_are_found_at_their_places(words, text):
    words = tuple(dict.fromkeys(words))
    expected = {(i, i + len(word), word) for word in words for i in range(len(text)) if text.startswith(word, i)}
    assert set(Terms(words).find(text)) == expected
    assert set(Terms(words, longest=True).find(text)) <= expected


@pytest.mark.parametrize(
    ("options", "target"),
    [
        ({}, "我在家去看书了"),
        ({"protect": ["再家"]}, "我再家去看书了"),
        ({"protect": ["家看"]}, "我在家看书了"),  # nothing is inserted inside, but beside it
        ({"protect": ["家看书"]}, "我在家看书了"),
        ({"protect": ["书", "我再"]}, "我再家去看书了"),
        ({"protect_patterns": ["再.看"]}, "我再家看书了"),
        ({"protect_patterns": ["(?=再)"]}, "我在家去看书了"),  # an empty match protects nothing
        ({"switched_off": ["insert"]}, "我在家看书"),
        ({"switched_off": ["replace", "insert"]}, "我再家看书"),
        ({"min_confidence": 0.75}, "我在家看书了"),
        ({"thresholds": {"replace": 0.9}}, "我再家去看书了"),
        ({"never": [("再", "在")]}, "我再家去看书了"),
        ({"never": {"再家": "在家"}}, "我再家去看书了"),
        ({"never": {"再家看": "在家去看"}}, "我再家看书了"),  # what both make together
        ({"never": {"再家看": "在家看"}}, "我再家去看书了"),  # what one of them would make, alone or not
        ({"never": {"家": "家去"}}, "我在家看书了"),  # an insertion at the end of the word
        ({"never": {"": "了"}}, "我在家去看书"),
        ({"always": {"再家": "载家"}}, "我载家看书"),  # and then the model knows nothing of the text
        ({"max_insert_per_sentence": 1}, "我在家看书了"),  # the surer one
        ({"max_insert_per_sentence": 0}, "我在家看书"),
        ({"max_insert_ratio": 0.2}, "我在家看书了"),
        ({"max_insert_ratio": 0.1}, "我在家看书"),
        ({"max_insert_ratio": 1e308}, "我在家去看书了"),
        ({"editable": ["punctuation"]}, "我再家看书"),
    ],
)
def test_each_rule(options, target):
    script = [(1, 2, "在", 0.8), (3, 3, "去", 0.7), (5, 5, "了", 0.9)]
    assert corrected("我再家看书", script, **options) == target


@pytest.mark.parametrize(
    ("text", "edit", "made", "made_if_all"),
    [
        ("有20人", (1, 2, "一", 0.9), False, True),
        ("有20人", (2, 2, "百", 0.9), False, True),  # inside a number
        ("有20人", (3, 3, "个", 0.9), True, True),
        ("去Cup店", (1, 2, "杯", 0.9), False, True),
        ("去店", (1, 1, "a", 0.9), False, True),  # nothing Latin is written either
        ("好 的", (1, 2, "", 0.9), False, True),
        ("好😀", (1, 2, "", 0.9), False, True),
        ("好,", (1, 2, "，", 0.9), False, True),
        ("好。", (1, 2, "，", 0.9), True, True),
        ("Hello", (5, 5, "。", 0.9), False, True),
        ("", (0, 0, "好", 0.9), False, False),
    ],
)
def test_only_chinese_is_touched_unless_asked_for(text, edit, made, made_if_all):
    assert (corrected(text, [edit]) != text) is made
    assert (corrected(text, [edit], editable=["all"]) != text) is made_if_all


@pytest.mark.parametrize(
    ("text", "always", "target"),
    [
        ("帐号和帐单", {"帐号": "账号"}, "账号和帐单"),
        ("帐号和帐单", {"帐号": "账号", "帐": "张"}, "账号和张单"),  # the longest of the leftmost
        ("北大和北京大学", {"北大": "北京大学"}, "北京大学和北京大学"),
        ("帐户户头帐", {"帐": "帐户"}, "帐户户头帐户"),  # what is right already stays
        ("的的", {"的": ""}, ""),
        ("aab", {"a": "b", "b": "c"}, "bbc"),
        ("无", {"帐": "账"}, "无"),
    ],
)
def test_always(text, always, target):
    assert corrected(text, [], always=always) == target
    assert corrected(text, [], always=always, max_rounds=5, switched_off=["replace", "insert", "delete"]) == target


def test_only_protection_is_stronger_than_always():
    options = {"always": {"帐号": "账号"}, "protect": ["帐号簿"]}
    assert corrected("帐号簿和帐号", [], **options) == "帐号簿和账号"


def test_the_model_reads_what_the_table_made_and_leaves_it():
    model = Scripted({"我账号丢": [(1, 2, "张", 0.9), (4, 4, "了", 0.9)]})
    (edits,) = refine(["我帐号丢"], model, LOW, Control(always={"帐号": "账号"}))
    assert [(*p.edit, p.confidence) for p in edits] == [(1, 2, "账", 1.0), (4, 4, "了", 0.9)]
    (proposed,) = allowed_edits(["我帐号丢"], model, Control(always={"帐号": "账号"}))
    assert proposed == edits


def test_what_cannot_be_made_uses_up_no_limit():
    """The surer insertion touches what the table wrote, where the model writes nothing."""
    model = Scripted({"如今天我家": [(1, 1, "的", 0.9), (4, 4, "在", 0.8)]})
    control = Control(always={"今": "如今"}, max_insert_per_sentence=1)
    (edits,) = refine(["今天我家"], model, LOW, control)
    assert apply_edits("今天我家", [p.edit for p in edits]) == "如今天我在家"


def test_a_share_is_counted_as_it_is_written():
    proposals = [ProposedEdit(Edit(i, i, "的"), 0.9) for i in range(1, 100)]
    assert len(within_limits("我" * 100, proposals, Control(max_insert_ratio=0.29))) == 29


def never_by_trying(pairs, text, proposals, alone):
    """What ``NeverTable.without`` gives, by trying every edit on every word."""
    edits = [p.edit for p in proposals]
    banned = {edit for edit in edits if (text[edit.start : edit.end], edit.text) in pairs}
    spans = ((s, e) for s in range(len(text)) for e in range(s + 1, len(text) + 1))
    for (start, end), right in [
        (span, right) for span in spans for wrong, right in pairs if text[slice(*span)] == wrong
    ]:
        inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
        joint = [
            [e for e in inside if e.start < e.end or ((a or e.start > start) and (z or e.start < end))]
            for a in (True, False)
            for z in (True, False)
        ]
        for group in [[edit] for edit in inside] if alone else joint:
            if apply_edits(text[start:end], [Edit(s - start, e - start, new) for s, e, new in group]) == right:
                banned.update(group)
    return [p for p in proposals if p.edit not in banned]


WORD = st.text("一二", max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    text=st.text("一二", max_size=6),
    pairs=st.sets(st.tuples(WORD, WORD).filter(lambda pair: pair[0] != pair[1]), max_size=6),
    wanted=st.lists(st.sampled_from(["", "", "", "一", "二", "二一"]), min_size=13, max_size=13),
    alone=st.booleans(),
)
def test_never_gives_what_trying_gives(text, pairs, wanted, alone):
    gaps = [Edit(slot // 2, slot // 2, new) for slot, new in enumerate(wanted) if slot % 2 == 0 and new]
    replaced = [Edit(slot // 2, slot // 2 + 1, new[:1]) for slot, new in enumerate(wanted) if slot % 2]
    edits = sorted(e for e in [*gaps, *replaced] if e.end <= len(text) and text[e.start : e.end] != e.text)
    proposals = [ProposedEdit(edit, 0.9) for edit in edits]
    found = never_table(tuple(sorted(pairs))).without(text, proposals, alone)
    assert found == never_by_trying(pairs, text, proposals, alone)


@pytest.mark.parametrize("alone", [True, False])
def test_words_that_hold_each_other_are_not_tried_out(alone, monkeypatch):
    """Twenty words match at each place, with up to twenty edits in each; only what may count is applied."""
    applied = Mock(side_effect=apply_edits)
    monkeypatch.setattr("gaprelm.correction.control.confusions.apply_edits", applied)
    pairs = tuple(("一" * length, "二" + "一" * length) for length in range(1, 21))
    proposals = [ProposedEdit(Edit(place, place + 1, "二"), 0.9) for place in range(500)]
    assert never_table(pairs).without("一" * 500, proposals, alone) == proposals
    assert applied.call_count <= 1


def test_limits_hold_for_each_sentence_and_over_all_rounds():
    text = "我家。他家。"
    script = {
        text: [(1, 1, "在", 0.9), (2, 2, "里", 0.6), (3, 3, "啊", 0.8), (4, 4, "在", 0.7)],
        "我在家。他在家。": [(3, 3, "里", 0.9)],
    }
    control = Control(max_insert_per_sentence=1)
    (edits,) = refine([text], Scripted(script), LOW, control)
    assert apply_edits(text, [p.edit for p in edits]) == "我在家。他在家。"
    for rounds in (1, 2, 5):
        options = {"max_insert_per_sentence": 1, "max_rounds": rounds}
        (edits,) = refine([text], Scripted(script), LOW, Control(**options))
        assert apply_edits(text, [p.edit for p in edits]) == "我在家。他在家。"


@given(st.text("我再在家的，。a1 ", max_size=12), st.integers(0, 50), st.sampled_from([1, 4]))
def test_protected_places_stay_whatever_the_model_says(text, seed, rounds):
    draw = random.Random(seed)
    words = ["".join(draw.choice("我再在家") for _ in range(draw.randint(1, 2))) for _ in range(2)]
    control = Control(protect=words, max_rounds=rounds, editable=["all"])
    propose = Noisy(seed, max_length=100)
    (edits,) = refine([text], propose, LOW, control)
    closed = protected_slots(text, control)
    for proposal in edits:
        start, end, _ = proposal.edit
        assert not closed[2 * start + (end > start)]


def test_ten_thousand_terms_are_searched_at_once():
    words = [chr(0x4E00 + i) + chr(0x4E00 + j) for i in range(100) for j in range(100)]
    closed = protected_slots(words[1234] + "，" + words[77], Control(protect=words))
    assert closed == bytearray([0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0])
