"""The Corrector: text is sacred, edits have exact places, and how text is cut changes nothing."""

import json
import random
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gaprelm
from gaprelm import Control
from gaprelm.correction.decoding import Proposer
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.errors import ConfigurationError
from tests.conftest import SENTENCES
from tests.correction.control.stubs import Noisy, Scripted

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}
HIGH = {"replace": 1.0, "insert": 1.0, "delete": 1.0}
# Lone surrogates too: they cannot be encoded, but they may stand in a str.
ANY_TEXT = st.text(st.sampled_from("我今天去，。a😀\u3000\r\n校") | st.characters(), max_size=60)
CONTROLS = st.builds(
    Control,
    max_rounds=st.integers(1, 3),
    by_sentence=st.booleans(),
    editable=st.sampled_from([("han", "punctuation"), ("all",)]),
    max_insert_per_sentence=st.sampled_from([None, 0, 2]),
    protect=st.sampled_from([(), ("今天", "去")]),
    always=st.sampled_from([(), (("今", "如今"), ("校", ""))]),
    never=st.sampled_from([(), (("我", ""), ("天", "上"))]),
)


@pytest.fixture(scope="module")
def corrector():
    """A random model that proposes much."""
    from gaprelm.model.initial import initial_model

    switches = {"max_insert_num": 2, "max_seq_length": 16, "template": "masks", "proposal_threshold": 0.2}
    shape = {"layers": 1, "hidden_size": 32, "heads": 2}
    model, vocabulary = initial_model("tiny", switches, shape, 0.0, 1, SENTENCES)
    return gaprelm.Corrector(Proposer(model.eval(), vocabulary), LOW)


def check(result, text):
    """What holds of every correction."""
    assert result.source == text
    assert apply_edits(text, [Edit(edit.start, edit.end, edit.target) for edit in result.edits]) == result.target
    for edit in result.edits:
        assert text[edit.start : edit.end] == edit.source != edit.target
        assert edit.type in ("replace", "insert", "delete")
        assert 0 <= edit.confidence <= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT, CONTROLS)
def test_edits_give_the_target_and_the_rest_is_untouched(corrector, text, control):
    check(corrector(text, control), text)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, CONTROLS, st.integers(0, 9))
def test_the_same_of_a_model_that_says_anything(text, control, seed):
    check(gaprelm.Corrector(Noisy(seed), LOW, control)(text), text)


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(0, 9))
def test_only_chinese_is_touched(text, seed):
    result = gaprelm.Corrector(Noisy(seed, share=0.9), LOW, Control(max_rounds=2))(text)
    rest = [c for c in text if gaprelm.characters.class_of(c) not in ("han", "punctuation")]
    assert [c for c in result.target if gaprelm.characters.class_of(c) not in ("han", "punctuation")] == rest


def test_nothing_confident_nothing_changed(corrector):
    quiet = gaprelm.Corrector(corrector._proposer, HIGH)
    texts = [*SENTENCES, "", " \u3000", "Ａbc😀", "第一行\n第二行\r\n"]
    assert [result.target for result in quiet.correct_batch(texts)] == texts


def test_long_text_gets_the_edits_of_its_sentences(corrector):
    text = "".join(SENTENCES)
    whole = corrector(text)
    assert whole.target == "".join(corrector(sentence).target for sentence in SENTENCES)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(SENTENCES), max_size=8), st.sampled_from(["", "\n", "\r\n"]), st.integers(1, 3))
def test_by_sentence_it_does_not_matter_what_stands_around(sentences, between, rounds):
    """So it is of long texts and of lines in any case; a line that fits as a whole is read as one by default."""
    control = Control(by_sentence=True, max_rounds=rounds)
    model = gaprelm.Corrector(Noisy(max_length=15), LOW, control)
    whole = model(between.join(sentences))
    assert whole.target == between.join(model(sentence).target for sentence in sentences)
    lines = gaprelm.Corrector(Noisy(max_length=30), LOW, Control(max_rounds=rounds))
    assert lines("\n".join(sentences)).target == "\n".join(lines(sentence).target for sentence in sentences)


def test_a_line_that_fits_is_read_as_a_whole():
    texts = []

    class Model(Noisy):
        def __call__(self, given, batch_size=None, thresholds=None):
            texts.extend(given)
            return super().__call__(given)

    model = gaprelm.Corrector(Model(max_length=12), HIGH)
    model("我家。你家。\n今天在家看书，很好。明天也看。\nabc\n")
    assert texts == ["我家。你家。", "今天在家看书，很好。", "明天也看。"]
    texts.clear()
    model("我家。你家。\n", Control(by_sentence=True))
    assert texts == ["我家。", "你家。"]


def test_batches_change_nothing_but_the_last_digits(corrector):
    texts = [sentence[:n] for sentence in SENTENCES for n in (3, 6, 9)]
    alone = corrector.correct_batch(texts, batch_size=1)
    for other in (corrector.correct_batch(texts, batch_size=7), [corrector(text) for text in texts]):
        assert [c.target for c in other] == [c.target for c in alone]
        for one, two in zip(alone, other, strict=True):
            assert [e.confidence for e in one.edits] == pytest.approx([e.confidence for e in two.edits], abs=1e-5)


def test_proposals_are_what_thresholds_choose_from(corrector):
    texts = ["".join(SENTENCES[:4]), SENTENCES[0] + "abc12", ""]
    for text, proposals in zip(texts, corrector.propose(texts), strict=True):
        for threshold in (0.0, 0.3, 0.6):
            kept = [p for p in proposals if p.confidence >= threshold]
            made = corrector(text, Control(thresholds=dict.fromkeys(LOW, threshold)))
            assert [(e.start, e.end, e.target) for e in made.edits] == [p.edit for p in kept]
            assert [e.confidence for e in made.edits] == pytest.approx([p.confidence for p in kept], abs=1e-6)
    assert corrector.propose(["我在家"], Control(switched_off=["insert"], protect=["我在家"])) == [[]]


@settings(max_examples=100, deadline=None)
@given(ANY_TEXT, CONTROLS, st.integers(0, 9))
def test_what_is_made_was_proposed(text, control, seed):
    control = replace(control, max_rounds=1, never=())
    model = gaprelm.Corrector(Noisy(seed), LOW, control)
    (proposals,) = model.propose([text])
    one_a_gap = {(p.edit.start, p.edit.end): p for p in proposals}
    for edit in model(text).edits:
        proposal = one_a_gap[edit.start, edit.end]
        # At the end of a piece and at the start of the next something may be inserted into the same gap.
        assert edit.target.endswith(proposal.edit.text)
        assert edit.confidence <= proposal.confidence


def test_streams_keep_order_and_number(corrector):
    texts = SENTENCES * 3
    assert [c.source for c in corrector.correct_iter(iter(texts), window=4)] == texts


def test_streams_take_constant_memory(monkeypatch):
    """Ten times the lines, short or long, need no more memory."""
    monkeypatch.setattr("gaprelm.correction.corrector._WINDOW_CHARACTERS", 10_000)
    model = gaprelm.Corrector(Scripted({}), LOW)
    draw = random.Random(0)

    def highest(count, size):
        stream = ("".join(draw.choices("我在家看书，。", k=size)) for _ in range(count))
        tracemalloc.start()
        for _ in model.correct_iter(stream, window=100):
            model._proposer.read.clear()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    highest(100, 20)
    assert highest(2000, 20) < 1.5 * highest(200, 20)
    assert highest(40, 5000) < 1.5 * highest(4, 5000)


def test_only_given_types_are_made(corrector):
    only = gaprelm.Corrector(corrector._proposer, {"delete": 0.0})
    assert {edit.type for result in only.correct_batch(SENTENCES) for edit in result.edits} <= {"delete"}
    with pytest.raises(ConfigurationError, match="'swap'"):
        gaprelm.Corrector(corrector._proposer, {"swap": 0.5})


def test_what_is_no_list_of_texts_is_named(corrector):
    for method in (corrector.correct_batch, corrector.correct_iter, corrector.propose, corrector.correct_and_propose):
        with pytest.raises(ConfigurationError, match=r"take a list of texts\n  cure: use correct\(text\)"):
            method("我在家")
    with pytest.raises(ConfigurationError, match="found NoneType None; expected a text"):
        next(corrector.correct_iter([None]))
    with pytest.raises(ConfigurationError, match="found NoneType None; expected a text"):
        corrector.correct_batch(["我在家", None])


def test_a_generator_gives_all_its_texts(corrector):
    def texts():
        return (text for text in SENTENCES)

    assert corrector.correct_batch(texts()) == corrector.correct_batch(SENTENCES)
    assert corrector.propose(texts()) == corrector.propose(SENTENCES)
    assert corrector.correct_and_propose(texts()) == corrector.correct_and_propose(SENTENCES)


@pytest.mark.parametrize("size", [0, -1, 1.5, True])
def test_a_batch_size_that_cannot_be_used_is_named(corrector, size):
    for method in (corrector.correct_batch, corrector.propose, corrector.correct_and_propose):
        with pytest.raises(ConfigurationError, match=f"batch_size {size}; expected a whole number of at least 1"):
            method(["我在家"], batch_size=size)


def test_corrections_and_proposals_at_once_are_those_of_two_calls(corrector):
    control = gaprelm.Control(protect=("学校",), always={"很难": "不难"}, max_rounds=2)
    both = corrector.correct_and_propose(SENTENCES, control)
    assert [correction for correction, _ in both] == corrector.correct_batch(SENTENCES, control)
    proposals = [[(e.start, e.end, e.target, e.confidence) for e in edits] for _, edits in both]
    assert proposals == [[(*p.edit, p.confidence) for p in row] for row in corrector.propose(SENTENCES, control)]


def test_from_pretrained(model_dir):
    control = Control(switched_off=["delete"])
    loaded = gaprelm.Corrector.from_pretrained(
        str(model_dir), device="cpu", thresholds={"insert": 0.9}, control=control, batch_size=4
    )
    assert loaded.thresholds == {"replace": 0.5, "insert": 0.9, "delete": 0.5}
    assert loaded.control == control
    assert json.loads(json.dumps(loaded("我在家").as_dict()))["source"] == "我在家"
    assert loaded.correct("我在家") == loaded("我在家")
