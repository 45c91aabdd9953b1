"""Texts of any length through a model that takes pieces."""

import pytest

from gaprelm import Control
from gaprelm.correction.decoding import Proposer
from gaprelm.correction.reading import TextReader
from tests.conftest import SENTENCES
from tests.correction.control.stubs import Scripted

SCRIPT = {"我再。": [(1, 2, "在", 0.8), (3, 3, "好", 0.4)], "他再，": [(1, 2, "在", 0.7)]}


def found(proposals):
    return [[(*p.edit, p.confidence) for p in some] for some in proposals]


def test_edits_of_pieces_are_edits_of_the_text():
    model = Scripted(SCRIPT, max_length=5)
    texts = ["我再。他再，看书。", "", "他再，\n他再，"]
    assert found(TextReader(model)(texts)) == [
        [(1, 2, "在", 0.8), (3, 3, "好", 0.4), (4, 5, "在", 0.7)],
        [],
        [(1, 2, "在", 0.7), (5, 6, "在", 0.7)],
    ]


def test_each_different_piece_is_read_once():
    model = Scripted(SCRIPT, max_length=5)
    read = TextReader(model)
    read(["我再。他再，看书。", "他再，", "我再。"])
    assert model.read == [["我再。", "他再，", "看书。"]]
    read(["看书。", "好"])
    assert model.read[1:] == [["好"]]


def test_what_cannot_be_edited_is_not_read():
    model = Scripted({}, max_length=5)
    TextReader(model, Control())(["abc\n我\r\n12"])
    assert model.read == [["我"]]
    TextReader(model)(["abc\n我\r\n12"])
    assert model.read[1:] == [["abc", "我", "12"]]


def test_a_control_says_how_texts_are_cut():
    model = Scripted({}, max_length=9)
    TextReader(model, Control(by_sentence=True))(["我。你。"])
    TextReader(model, Control())(["我。你。"])
    assert model.read == [["我。", "你。"], ["我。你。"]]


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_long_text_gets_the_edits_of_its_sentences(make_model, batch_size):
    model, vocabulary = make_model(proposal_threshold=0.1)
    propose = Proposer(model, vocabulary, batch_size)
    (whole,) = TextReader(propose)(["".join(SENTENCES)])
    edits, start = [], 0
    for sentence, proposals in zip(SENTENCES, propose(SENTENCES), strict=True):
        edits += [(p.edit.start + start, p.edit.end + start, p.edit.text) for p in proposals]
        start += len(sentence)
    assert edits
    assert [tuple(p.edit) for p in whole] == edits
