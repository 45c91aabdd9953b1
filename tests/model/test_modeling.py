"""The model: who sees what, what is tied, and that nothing is lost in saving."""

import pytest
import torch
from transformers import AutoTokenizer, BertForMaskedLM

from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.model.initial import initial_model
from gaprelm.model.modeling import GapReLMModel, tiny_bert, with_tagging
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import SPECIAL_TOKENS, CharacterVocabulary
from gaprelm.training.batches.collator import Collator, model_inputs
from gaprelm.training.batches.examples import make_example

RULES = LabelRules(3, 32, True, True, True)
PAIRS = [("我今天去学上课", "我今天去学校上课"), ("天气越来越泠了了", "天气越来越冷了"), ("请把门关上", "请把门关上")]


def make_batch(vocabulary, pairs=PAIRS, template="sparse", aux=0.0):
    examples = [make_example(s, align(s, t), vocabulary, RULES, i, 0) for i, (s, t) in enumerate(pairs)]
    return Collator(vocabulary, ModelSettings(template=template), aux, seed=1)(examples)


def run(model, batch):
    with torch.no_grad():
        return model(**model_inputs(batch))


@pytest.mark.parametrize("tagging", [False, True])
@pytest.mark.parametrize("passes", [1, 2])
@pytest.mark.parametrize("template", TEMPLATE_KINDS)
def test_planner_equals_a_pass_over_the_source_alone(make_model, passes, template, tagging):
    model, vocabulary = make_model(encoder_passes=passes, template=template, enable_tagging=tagging)
    batch = make_batch(vocabulary, template=template, aux=0.3)
    both = run(model, batch)
    with torch.no_grad():
        alone = model(batch["source_ids"], batch["source_mask"])
    seen = batch["source_mask"]
    torch.testing.assert_close(both.operation_logits[seen], alone.operation_logits[seen], atol=1e-5, rtol=0)
    torch.testing.assert_close(both.insert_logits[seen], alone.insert_logits[seen], atol=1e-5, rtol=0)


@pytest.mark.parametrize("passes", [1, 2])
def test_no_template_reaches_the_planner(make_model, passes):
    model, vocabulary = make_model(encoder_passes=passes)
    batch = make_batch(vocabulary)
    before = run(model, batch)
    batch["template_ids"] = torch.full_like(batch["template_ids"], vocabulary.id_of("我"))
    after = run(model, batch)
    assert torch.equal(before.operation_logits, after.operation_logits)
    assert not torch.equal(before.infill_logits, after.infill_logits)


def test_padding_changes_nothing(make_model):
    model, vocabulary = make_model()
    together, alone = make_batch(vocabulary), make_batch(vocabulary, PAIRS[:1])
    masks = len(alone["mask_index"])
    torch.testing.assert_close(
        run(model, together).infill_logits[:masks], run(model, alone).infill_logits, atol=1e-5, rtol=0
    )


def test_masks_of_one_gap_differ_by_their_slot(make_model):
    model, vocabulary = make_model()
    batch = make_batch(vocabulary, [("我学上课", "我今天学上课")])
    first, second = run(model, batch).infill_logits
    assert not torch.allclose(first, second, atol=1e-4)
    batch["template_slots"] = torch.zeros_like(batch["template_slots"])
    first, second = run(model, batch).infill_logits
    torch.testing.assert_close(first, second)


def test_template_positions_are_those_of_the_source(make_model):
    _, vocabulary = make_model()
    batch = make_batch(vocabulary, [("去学校了", "我去校吧")])  # 我 inserted at the start, 学 deleted, 了 replaced
    assert batch["template_positions"].tolist() == [[0, 1, 3, 4, 5]]
    assert batch["template_slots"].tolist() == [[1, 0, 0, 0, 0]]


def test_head_is_tied_and_saving_keeps_the_logits(make_model, tmp_path):
    model, vocabulary = make_model()
    assert model.infiller_head.predictions.decoder.weight is model.get_input_embeddings().weight
    model.save_pretrained(tmp_path)
    loaded = GapReLMModel.from_pretrained(tmp_path).eval()
    assert loaded.infiller_head.predictions.decoder.weight is loaded.get_input_embeddings().weight
    assert loaded.infiller_head.predictions.decoder.bias is loaded.infiller_head.predictions.bias
    assert all(torch.equal(found, own) for found, own in zip(loaded.buffers(), model.buffers(), strict=True))
    batch = make_batch(vocabulary)
    for before, after in zip(run(model, batch).values(), run(loaded, batch).values(), strict=True):
        assert torch.equal(before, after)


@pytest.fixture
def bert_dir(tmp_path):
    """A directory as people have it: a random BertForMaskedLM and its vocabulary."""
    tokens = ["[unused1]", *SPECIAL_TOKENS, *"我今天去", "今天", "##课", *"学校上课"]
    torch.manual_seed(3)
    config = tiny_bert(len(tokens) + 2, layers=2, hidden_size=32, heads=2, max_seq_length=32)
    config.pad_token_id = tokens.index("[PAD]")
    bert = BertForMaskedLM(config)
    with torch.no_grad():
        bert.cls.predictions.bias.normal_()
    folder = tmp_path / "bert"
    bert.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    return folder


def start_from(name, **switches):
    defaults = {"max_insert_num": 3, "max_seq_length": 32, "encoder_passes": 2, "template": "sparse"}
    return initial_model(str(name), defaults | switches, {}, 0.0, 1, [])


def test_a_masked_language_model_keeps_its_head_for_single_characters(bert_dir):
    model, vocabulary = start_from(bert_dir)
    assert vocabulary.tokens == [*SPECIAL_TOKENS, *"我今天去学校上课"]
    assert model.config.bert.vocab_size == len(vocabulary)
    assert model.config.bert.pad_token_id == vocabulary.pad_id == 0
    bert, theirs = (
        BertForMaskedLM.from_pretrained(bert_dir).eval(),
        CharacterVocabulary.from_file(bert_dir / "vocab.txt"),
    )
    with torch.no_grad():
        expected = bert(sentence_with_a_mask(theirs)).logits
        states = model.eval().encoder(sentence_with_a_mask(vocabulary)).last_hidden_state
        ours = model.infiller_head(states)
    torch.testing.assert_close(ours, expected[..., [theirs.tokens.index(token) for token in vocabulary.tokens]])


def sentence_with_a_mask(vocabulary):
    return torch.tensor([[vocabulary.cls_id, *vocabulary.encode("我今天去"), vocabulary.mask_id, vocabulary.sep_id]])


def test_a_gap_relm_can_be_gone_on_with(make_model, tmp_path):
    model, vocabulary = make_model()
    model.save_pretrained(tmp_path)
    vocabulary.save(tmp_path)
    again, _ = start_from(tmp_path, enable_delete=False)
    assert torch.equal(again.operation_head.weight, model.operation_head.weight)
    assert again.config.enable_delete is False
    with pytest.raises(CheckpointError, match="max_insert_num 3"):
        start_from(tmp_path, max_insert_num=5)


def test_models_that_cannot_be_used_are_named(bert_dir, tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere/model is not a directory here"):
        start_from("nowhere/model")
    with pytest.raises(CheckpointError, match=r"max_seq_length=512.*128 positions"):
        start_from(bert_dir, max_seq_length=512)
    (bert_dir / "vocab.txt").unlink()
    with pytest.raises(ConfigurationError, match=r"no vocab\.txt there"):
        start_from(bert_dir)
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    (tmp_path / "vocab.txt").write_text("\n".join(SPECIAL_TOKENS))
    with pytest.raises(ConfigurationError, match="type gpt2; expected bert"):
        start_from(tmp_path)


def test_checkpoint_opens_with_auto_tokenizer(model_dir):
    assert AutoTokenizer.from_pretrained(model_dir).mask_token == "[MASK]"


def test_tagging_tells_planner_and_infiller_what_the_head_expects(make_model):
    model, vocabulary = make_model(enable_tagging=True, template="masks")
    batch = make_batch(vocabulary, [("我再家", "我在家")], "masks")
    source = batch["source_ids"]
    output = run(model, batch)
    everywhere = [run(model, batch | {"tags": torch.full_like(source, i)}) for i in range(len(vocabulary))]
    likely = torch.stack([each.tag_log_probabilities for each in everywhere], -1)
    torch.testing.assert_close(likely.exp().sum(-1), torch.ones(source.shape))
    known = batch["tags"] >= 0
    expected = likely.gather(-1, batch["tags"].clamp(min=0)[..., None])[..., 0]
    torch.testing.assert_close(output.tag_log_probabilities[known], expected[known])
    model.config.enable_tagging = False
    without = run(model, batch)
    own = likely.gather(-1, source[..., None])[..., 0].exp()
    raised = output.operation_logits - without.operation_logits
    torch.testing.assert_close(raised[..., 2], torch.log((1 - own) / own), atol=1e-4, rtol=1e-4)
    assert not raised[..., :2].any()
    assert without.tag_log_probabilities is None
    assert not torch.allclose(output.infill_logits, without.infill_logits, atol=1e-4)


def test_odds_stay_finite():
    own = torch.tensor([[0.0, -1e-9, -200.0]], requires_grad=True)
    logits = with_tagging(torch.zeros(1, 3, 3), own)
    assert torch.isfinite(logits).all()
    logits.sum().backward()
    assert torch.isfinite(own.grad).all()


def test_plain_relm_does_not_tag(make_model):
    model, _ = make_model(enable_gap=False, enable_tagging=True)
    assert not model.config.enable_tagging
