"""One character, one token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaprelm.errors import CheckpointError
from gaprelm.model.vocabulary import SPECIAL_TOKENS, CharacterVocabulary

TOKENS = [*SPECIAL_TOKENS, "我", "们", "a", "##们", "[unused1]", "2024", "，"]


@given(st.text(max_size=50))
def test_as_many_ids_as_characters(text):
    assert len(CharacterVocabulary(TOKENS).encode(text)) == len(text)


def test_look_up_falls_back_to_lower_case_then_unk():
    vocabulary = CharacterVocabulary(TOKENS)
    assert [vocabulary.tokens[i] for i in vocabulary.encode("我A琊，2")] == ["我", "a", "[UNK]", "，", "[UNK]"]


def test_only_single_characters_can_be_emitted():
    vocabulary = CharacterVocabulary(TOKENS)
    emitted = [t for t, allowed in zip(vocabulary.tokens, vocabulary.emittable(), strict=True) if allowed]
    assert emitted == ["我", "们", "a", "，"]


def test_an_answer_is_learned_only_as_itself():
    vocabulary = CharacterVocabulary(TOKENS)
    assert vocabulary.answer_id("a") == vocabulary.id_of("a")
    assert vocabulary.answer_id("A") == -100  # would teach to write a
    assert vocabulary.answer_id("琊") == -100


def test_bad_vocabularies_are_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"no \[UNK\]"):
        CharacterVocabulary(["[PAD]", "[CLS]", "[SEP]", "[MASK]", "我"])
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join([*SPECIAL_TOKENS, "我", "我"]), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"vocab.txt: token '我' occurs twice, first in line 6"):
        CharacterVocabulary.from_file(path)


def test_saved_vocabulary_opens_as_a_bert_tokenizer(tmp_path):
    from transformers import AutoTokenizer

    CharacterVocabulary(TOKENS).save(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    assert tokenizer.convert_tokens_to_ids(["我", "[MASK]"]) == [5, 4]
    assert CharacterVocabulary.from_file(tmp_path / "vocab.txt").tokens == TOKENS
