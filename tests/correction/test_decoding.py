"""Decoding: what is proposed, with which confidence, and that nothing else is touched."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaprelm.correction.backends.interface import Backend, PlannerProbabilities
from gaprelm.correction.decoding import ProposedEdit, Proposer
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import corrected, select_edits
from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.model.settings import ModelSettings
from tests.conftest import SENTENCES

LOW = {"replace": 0.0, "insert": 0.0, "delete": 0.0}


class ScriptedBackend(Backend):
    """Stands for a trained model: says what it is told to for the sentence 我去家家."""

    def __init__(self, settings, vocabulary, answers):
        self.settings, self._vocabulary, self._answers = settings, vocabulary, answers
        self.filled = 0

    def plan(self, source):
        operations = np.zeros((1, 6, 3), np.float32)
        operations[0, :, 0] = 1.0
        operations[0, 2] = 0.1, 0.2, 0.7  # 去: replace
        operations[0, 4] = 0.2, 0.8, 0.0  # second 家: delete
        inserts = np.zeros((1, 6, 4), np.float32)
        inserts[0, :, 0] = 1.0
        inserts[0, 0] = 0.3, 0.1, 0.6, 0.0  # two characters at the start
        return PlannerProbabilities(operations, inserts, source)

    def fill(self, source, rows, template):
        self.filled += len(rows)
        assert len(template["mask_index"]) == len(self._answers)
        tokens = np.array([self._vocabulary.id_of(character) for character, _ in self._answers])
        return tokens, np.array([probability for _, probability in self._answers], np.float32)


def scripted(make_model, answers, **switches):
    model, vocabulary = make_model(max_insert_num=3, **switches)
    backend = ScriptedBackend(ModelSettings.from_config(model.config.to_dict()), vocabulary, answers)
    return Proposer(backend, vocabulary), backend


def test_confidence_is_planner_times_infiller(make_model):
    (proposals,) = scripted(make_model, [("今", 0.9), ("天", 0.5), ("在", 0.8)])[0](["我去家家"])
    assert [proposal.edit for proposal in proposals] == [Edit(0, 0, "今天"), Edit(1, 2, "在"), Edit(3, 4, "")]
    assert [round(p.confidence, 3) for p in proposals] == [0.27, 0.56, 0.8]
    assert corrected("我去家家", proposals, LOW) == "今天我在家"
    assert corrected("我去家家", proposals, {"replace": 0.5, "insert": 0.5, "delete": 0.9}) == "我在家家"


def test_a_character_that_is_put_back_is_no_edit(make_model):
    (proposals,) = scripted(make_model, [("今", 0.9), ("天", 0.5), ("去", 0.9)])[0](["我去家家"])
    assert [proposal.type for proposal in proposals] == ["insert", "delete"]


def test_the_infiller_is_spared_what_cannot_reach_its_threshold(make_model):
    propose, backend = scripted(make_model, [("今", 0.9), ("天", 0.5), ("在", 0.8)])
    (spared,) = propose(["我去家家"], thresholds={"replace": 0.71, "insert": 0.61, "delete": 0.5})
    assert [p.edit for p in spared] == [Edit(3, 4, "")]
    assert [p.edit for p in propose(["我去家家"], thresholds={"delete": 0.7})[0]] == [Edit(3, 4, "")]
    assert backend.filled == 0
    (proposals,) = propose(["我去家家"], thresholds={"replace": 0.55, "insert": 0.5, "delete": 0.9})
    assert backend.filled == 1
    assert [p.edit for p in proposals] == [Edit(1, 2, "在")]


@pytest.mark.parametrize("template", TEMPLATE_KINDS)
def test_thresholds_change_nothing_that_reaches_them(make_model, template):
    model, vocabulary = make_model(template=template, proposal_threshold=0.1)
    propose = Proposer(model, vocabulary, 4)
    everything = propose(SENTENCES)
    for value in (0.0, 0.2, 0.4):
        thresholds = dict.fromkeys(LOW, value)
        chosen = propose(SENTENCES, thresholds=thresholds)
        expected = [select_edits(proposals, thresholds) for proposals in everything]
        assert [[p.edit for p in some] for some in chosen] == [[p.edit for p in some] for some in expected]


def test_special_tokens_are_never_written(make_model):
    model, vocabulary = make_model(proposal_threshold=0.01)
    with torch.no_grad():
        model.infiller_head.predictions.bias[:5] = 50.0  # however likely
    written = {c for found in Proposer(model, vocabulary)(SENTENCES) for p in found for c in p.edit.text}
    assert written
    assert written <= set("".join(SENTENCES))


@pytest.mark.parametrize("template", TEMPLATE_KINDS)
@pytest.mark.parametrize("passes", [1, 2])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(st.sampled_from("我今天去a😀，\u3000校上") | st.characters(exclude_categories=["Cs"]), max_size=25),
        max_size=5,
    )
)
def test_random_models_never_break_a_text(make_model, template, passes, texts):
    model, vocabulary = make_model(template=template, encoder_passes=passes, proposal_threshold=0.05)
    emitted = {token for token, allowed in zip(vocabulary.tokens, vocabulary.emittable(), strict=True) if allowed}
    for text, proposals in zip(texts, Proposer(model, vocabulary, 2)(texts), strict=True):
        edits = [proposal.edit for proposal in proposals]
        target = apply_edits(text, edits)
        assert edits == sorted(edits)
        assert all(0 <= p.confidence <= 1 for p in proposals)
        assert set("".join(edit.text for edit in edits)) <= emitted
        assert len(target) <= model.config.max_seq_length


def test_batches_and_order_change_nothing(make_model):
    model, vocabulary = make_model(proposal_threshold=0.1)
    alone = [Proposer(model, vocabulary, 1)([sentence])[0] for sentence in SENTENCES]
    together = Proposer(model, vocabulary, 4)(SENTENCES)
    for one, other in zip(alone, together, strict=True):
        assert [p.edit for p in one] == [p.edit for p in other]
        assert [p.confidence for p in one] == pytest.approx([p.confidence for p in other], abs=1e-5)


def test_switches(make_model):
    for switch, kind in (("enable_insert", "insert"), ("enable_delete", "delete")):
        model, vocabulary = make_model(**{switch: False}, proposal_threshold=0.01)
        found = {p.type for proposals in Proposer(model, vocabulary)(SENTENCES) for p in proposals}
        assert kind not in found
        assert "replace" in found
    model, vocabulary = make_model(enable_gap=False, template="full")
    assert {p.type for proposals in Proposer(model, vocabulary)(SENTENCES) for p in proposals} == {"replace"}


def test_empty_pieces_and_pieces_that_are_too_long(make_model):
    model, vocabulary = make_model(proposal_threshold=0.01)
    propose = Proposer(model, vocabulary)
    nothing, something = propose(["", "我"])
    assert nothing == []
    assert something
    assert propose([]) == []
    assert propose.max_length == 30
    propose(["我" * 30])
    with pytest.raises(ValueError, match=r"found a piece of 31 characters; expected at most 30\n  cure: .*TextReader"):
        propose(["好", "我" * 31])


def test_select_edits_by_type():
    proposals = [ProposedEdit(Edit(0, 1, "在"), 0.4), ProposedEdit(Edit(2, 2, "了"), 0.4)]
    assert select_edits(proposals, {"replace": 0.3, "insert": 0.5, "delete": 0.5}) == proposals[:1]
    assert select_edits(proposals, {"insert": 0.3}) == proposals[1:]  # a type without a threshold is never made
