"""Rounds: every change is traced back to the source, and nothing goes to and fro."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaprelm.correction.control import Control
from gaprelm.correction.control.draft import Draft
from gaprelm.correction.control.refinement import refine
from gaprelm.correction.control.selection import without_idle
from gaprelm.correction.control.slots import open_slots, slot_of
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit
from tests.correction.control.stubs import Noisy, Scripted

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}
TEXTS = st.text(st.sampled_from("我再在家的，。a1 ") | st.characters(), min_size=1, max_size=10)


@settings(max_examples=200)
@given(TEXTS, st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_a_draft_is_its_edits(text, seeds):
    draft = Draft(text, open_slots(len(text)))
    for seed in seeds:
        (proposals,) = Noisy(seed, max_length=9999)([draft.text])
        before, expected = draft.text, apply_edits(draft.text, [p.edit for p in proposals])
        changed = draft.apply(proposals)
        assert changed == (draft.text != before)
        if changed and before == text:  # nothing was tried before, so everything is made
            assert draft.text == expected
        slots = [slot_of(p.edit) for p in draft.edits()]
        assert slots == sorted(set(slots))
        assert apply_edits(text, [p.edit for p in draft.edits()]) == draft.text


@settings(max_examples=200)
@given(TEXTS, st.integers(0, 99), st.integers(1, 6))
def test_edits_of_several_rounds_are_edits_of_the_source(text, seed, rounds):
    seen = []

    class Watched(Noisy):
        def __call__(self, texts, batch_size=None, thresholds=None):
            seen.extend(texts)
            return super().__call__(texts)

    (edits,) = refine([text], Watched(seed, max_length=9999), LOW, Control(max_rounds=rounds, editable=["all"]))
    assert len(seen) == len(set(seen)) <= rounds
    assert all(0 <= p.confidence <= 1 for p in edits)
    apply_edits(text, [p.edit for p in edits])


def made(text, script, **options):
    (edits,) = refine([text], Scripted(script), LOW, Control(**options))
    return [(*p.edit, p.confidence) for p in edits]


def test_rounds_are_composed():
    script = {
        "我再家看": [(1, 2, "在", 0.8)],
        "我在家看": [(1, 2, "从", 0.9), (4, 4, "书", 0.7)],
        "我从家看书": [(5, 5, "了", 0.6), (4, 5, "报", 0.9)],
    }
    assert made("我再家看", script) == [(1, 2, "在", 0.8)]
    assert made("我再家看", script, max_rounds=2) == [(1, 2, "从", 0.8), (4, 4, "书", 0.7)]
    # What several rounds wrote at one place has the lowest of their confidences.
    assert made("我再家看", script, max_rounds=9) == [(1, 2, "从", 0.8), (4, 4, "报了", 0.6)]


def test_it_ends_when_nothing_changes():
    model = Scripted({"我再": [(1, 2, "在", 0.8)]})
    refine(["我再", "好"], model, LOW, Control(max_rounds=9))
    assert model.read == [["我再", "好"], ["我在"]]


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ({"再家": [(0, 1, "在", 0.8)], "在家": [(0, 1, "再", 0.9)]}, "在家"),
        ({"再家": [(0, 0, "在", 0.8)], "在再家": [(0, 1, "", 0.9)]}, "在再家"),
        # Another sentence changes too, so the whole is new each time, but no place takes back what it had.
        (
            {
                "再家": [(0, 1, "在", 0.8), (2, 2, "一", 0.8)],
                "在家一": [(0, 1, "再", 0.9), (3, 3, "二", 0.8)],
                "在家一二": [(0, 1, "再", 0.9), (4, 4, "三", 0.8)],
            },
            "在家一二三",
        ),
        ({"再家": [(0, 1, "", 0.8)], "家": [(0, 0, "再", 0.9)]}, "家"),
    ],
)
def test_no_to_and_fro(script, target):
    (edits,) = refine(["再家"], Scripted(script), LOW, Control(max_rounds=50))
    assert apply_edits("再家", [p.edit for p in edits]) == target


def test_what_must_not_come_of_one_round_does_not_come_of_two():
    script = {"的": [(0, 1, "得", 0.8)], "得": [(0, 1, "地", 0.8)]}
    assert made("的", script, max_rounds=2) == [(0, 1, "地", 0.8)]
    assert made("的", script, max_rounds=2, never={"的": "地"}) == []


def test_what_a_round_writes_into_a_protected_pattern_stays_out():
    script = {"第2章": [(2, 3, "张", 0.9)], "第2张": [(2, 3, "掌", 0.9)]}
    # The pattern no longer matches after the first round, but its place is remembered.
    assert made("第2章", script, max_rounds=3, protect_patterns=["第2章"]) == []
    assert made("第2章好", {"第2章好": [(3, 4, "啊", 0.9)]}, protect_patterns=["第2章(?=好)"]) == [(3, 4, "啊", 0.9)]


def test_touching_edits_that_change_nothing_are_no_edits():
    def proposals(*edits):
        return [ProposedEdit(Edit(*edit), 0.5) for edit in edits]

    assert without_idle("再家", proposals((0, 0, "再"), (0, 1, ""))) == []
    assert without_idle("再家", proposals((0, 1, ""), (1, 1, "再"))) == []
    real = proposals((0, 1, "在"), (1, 2, ""))
    assert without_idle("再家", real) == real
    assert made("再家", {"再家": [(0, 0, "再", 0.8), (0, 1, "", 0.9)]}) == []
