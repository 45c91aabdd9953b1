"""The Corrector: text is sacred."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gaprelm
from gaprelm.decoding import Proposer
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.errors import CheckpointError, ConfigurationError
from tests.conftest import SENTENCES

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}
HIGH = {"replace": 1.0, "insert": 1.0, "delete": 1.0}


@pytest.fixture(scope="module")
def corrector(tmp_path_factory):
    """A random model that proposes much."""
    from gaprelm.initial import initial_model

    switches = {"max_insert_num": 2, "max_seq_length": 16, "template": "masks", "proposal_threshold": 0.2}
    shape = {"layers": 1, "hidden_size": 32, "heads": 2}
    model, vocabulary = initial_model("tiny", switches, shape, 0.0, 1, SENTENCES)
    return gaprelm.Corrector(Proposer(model.eval(), vocabulary), LOW)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("我今天去，。a😀\u3000\r\n校") | st.characters(exclude_categories=["Cs"]), max_size=60))
def test_edits_give_the_target_and_the_rest_is_untouched(corrector, text):
    result = corrector(text)
    assert result.source == text
    edits = [Edit(edit.start, edit.end, edit.target) for edit in result.edits]
    assert apply_edits(text, edits) == result.target
    for edit in result.edits:
        assert text[edit.start : edit.end] == edit.source
        assert edit.type in ("replace", "insert", "delete")


def test_nothing_confident_nothing_changed(corrector):
    quiet = gaprelm.Corrector(corrector._proposer, HIGH)
    texts = [*SENTENCES, "", " \u3000", "Ａbc😀", "第一行\n第二行\r\n"]
    assert [result.target for result in quiet.correct_batch(texts)] == texts


def test_long_text_gets_the_edits_of_its_sentences(corrector):
    text = "".join(SENTENCES)
    whole = corrector(text)
    assert whole.target == "".join(corrector(sentence).target for sentence in SENTENCES)


def test_streams_keep_order_and_number(corrector):
    texts = SENTENCES * 3
    assert [c.source for c in corrector.correct_iter(iter(texts), window=4)] == texts


def test_only_given_types_are_made(corrector):
    only = gaprelm.Corrector(corrector._proposer, {"delete": 0.0})
    assert {edit.type for result in only.correct_batch(SENTENCES) for edit in result.edits} <= {"delete"}
    with pytest.raises(ConfigurationError, match="'swap'"):
        gaprelm.Corrector(corrector._proposer, {"swap": 0.5})


def test_from_pretrained(model_dir):
    loaded = gaprelm.Corrector.from_pretrained(model_dir, device="cpu", thresholds={"insert": 0.9})
    assert loaded.thresholds == {"replace": 0.5, "insert": 0.9, "delete": 0.5}
    assert json.loads(json.dumps(loaded("我在家").as_dict()))["source"] == "我在家"
    (model_dir / "vocab.txt").unlink()
    with pytest.raises(CheckpointError, match=r"no vocab\.txt there"):
        gaprelm.Corrector.from_pretrained(model_dir)
