"""Counting as the base that the network corrects."""

import math

import numpy as np
import pytest
import torch

from gaprelm.correction.decoding import Proposer
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.errors import CheckpointError
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.counted_inputs import COUNTED_INPUTS, NEVER, SHAPES, CountedInputs
from gaprelm.model.initial import initial_bert, initial_model
from gaprelm.model.loading import load_model
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines.channel import ChannelProposer
from gaprelm.training.batches.collator import Collator, model_inputs
from gaprelm.training.batches.examples import make_example
from gaprelm.training.batches.passes import split_batch
from tests.conftest import saved
from tests.counts.conftest import PAIRS, TEXTS

TINY = {"layers": 2, "hidden_size": 32, "heads": 2}
SWITCHES = {"max_insert_num": 3, "max_seq_length": 32, "template": "masks", "proposal_threshold": 0.01}
SWITCHES |= {"enable_counts": True, "enable_tagging": True}
WRITTEN = ["他再学校看书。", "我天去学校。", "他看看书。", "请把门关关上。", "她在家里看电视。", "我门去图书管学习。"]


@pytest.fixture(scope="module")
def counts():
    return CountModel.build(TEXTS, ErrorCounts.from_pairs(PAIRS))


def made(counts, **switches):
    texts = [*TEXTS, *WRITTEN]
    model, vocabulary = initial_model("tiny", SWITCHES | switches, TINY, 0.0, 1, texts, counts)
    return model.eval(), vocabulary


def batch_of(model, vocabulary, pairs, counts):
    rules = LabelRules.of(model.config)
    examples = [make_example(s, align(s, t), vocabulary, rules, i, 0) for i, (s, t) in enumerate(pairs)]
    inputs = [CountedInputs(counts, vocabulary, model.config.settings)] if counts else []
    return Collator(vocabulary, model.config.settings, counted=inputs)(examples)


@pytest.mark.parametrize("tagging", [True, False])
def test_before_training_a_model_proposes_what_counting_proposes(counts, tagging):
    """The best edit of each place; but for what the infiller says faintly, as likely as the closed formula says."""
    model, vocabulary = made(counts, enable_tagging=tagging)
    torch.nn.init.zeros_(model.infiller_head.predictions.transform.LayerNorm.weight)
    found = Proposer(model, vocabulary)(WRITTEN)
    expected = ChannelProposer(counts, floor=0.03)(WRITTEN)
    assert sum(map(len, expected)) > 4
    for own, others in zip(found, expected, strict=True):
        assert {p.edit for p in others} <= {p.edit for p in own}
    scores = counts.scores([counts.alphabet.encode(WRITTEN[0])])
    odds = np.exp(0.65 * scores.replace.scores[1].astype(np.float64))
    total = odds.sum() + math.exp(-8) * tagging
    delete = math.exp(0.65 * max(float(scores.delete[1]), -16.0))
    replaced = total / (math.exp(1.2) + total + delete)
    (proposal,) = [p for p in found[0] if p.edit.start == 1 and p.edit.text == "在"]
    assert proposal.confidence == pytest.approx(replaced * odds.max() / odds.sum(), rel=0.01)


def test_a_trained_encoder_starts_as_if_nothing_were_counted(counts):
    """But for tagging, which looks at the candidates alone."""
    switches = SWITCHES | {"enable_tagging": False}
    bert, vocabulary = initial_bert("tiny", 32, TINY, 0.0, 1, [*TEXTS, *WRITTEN])
    torch.manual_seed(1)
    with_counts = GapReLMModel.from_bert(bert, GapReLMConfig(encoder=bert.config.to_diff_dict(), **switches))
    plain = GapReLMModel.from_bert(
        bert, GapReLMConfig(encoder=bert.config.to_diff_dict(), **switches | {"enable_counts": False})
    )
    missing, unexpected = with_counts.load_state_dict(plain.state_dict(), strict=False)
    assert all(name.startswith("counted.") for name in missing)
    assert not unexpected
    pairs = [(written, TEXTS[0]) for written in WRITTEN[:1]]
    with torch.no_grad():
        one = with_counts.eval()(**model_inputs(batch_of(with_counts, vocabulary, pairs, counts)))
        other = plain.eval()(**model_inputs(batch_of(plain, vocabulary, pairs, None)))
    torch.testing.assert_close(one.operation_logits, other.operation_logits)
    torch.testing.assert_close(one.insert_logits, other.insert_logits)
    torch.testing.assert_close(one.infill_logits, other.infill_logits)
    # It learns how far to trust the counts.
    loss = with_counts.train()(**model_inputs(batch_of(with_counts, vocabulary, pairs, counts)))
    (loss.operation_logits.sum() + loss.insert_logits[..., 1].sum() + loss.infill_logits.logsumexp(-1).sum()).backward()
    assert (with_counts.counted.planned.grad != 0).all()


def test_inputs_do_not_depend_on_the_batch(counts):
    _, vocabulary = made(counts)
    inputs = CountedInputs(counts, vocabulary, GapReLMConfig(**SWITCHES).settings)
    ids = [np.array(vocabulary.encode(text)) for text in WRITTEN]
    lengths = np.array([len(own) for own in ids])
    together = inputs(np.concatenate(ids), lengths)
    assert {name: array.shape for name, array in together.items()} == {
        name: (len(ids), lengths.max() + 2, *shape) for name, shape in SHAPES.items()
    }
    for row, own in enumerate(ids):
        alone = inputs(own, lengths[row : row + 1])
        for name in COUNTED_INPUTS:
            np.testing.assert_array_equal(alone[name][0], together[name][row, : len(own) + 2], err_msg=name)
            assert (together[name][row, len(own) + 2 :] == (NEVER if "scores" in name else 0)).all()
    assert (together["delete_scores"][:, 0] == NEVER).all()


def test_only_characters_of_the_vocabulary_are_candidates(counts):
    vocabulary = CharacterVocabulary.from_texts(["他再学校看书。"])
    inputs = CountedInputs(counts, vocabulary, GapReLMConfig(**SWITCHES).settings)
    arrays = inputs(np.array(vocabulary.encode("他再学校看书。")), np.array([7]))
    possible = arrays["replace_scores"] > NEVER
    assert not possible[0, 2].any(), "在 has no token"
    assert (arrays["replace_candidates"][~possible] == 0).all()


def test_types_that_the_model_does_not_make_are_not_scored(counts):
    _, vocabulary = made(counts)
    settings = GapReLMConfig(**SWITCHES | {"enable_insert": False, "enable_delete": False}).settings
    arrays = CountedInputs(counts, vocabulary, settings)(np.array(vocabulary.encode("他看看书。")), np.array([5]))
    assert (arrays["delete_scores"] == NEVER).all()
    assert (arrays["insert_scores"] == NEVER).all()
    assert (arrays["replace_scores"] > NEVER).any()


def test_each_sentence_is_scored_by_the_counts_of_the_other_folds(counts):
    model, vocabulary = made(counts)
    other = CountModel.build(TEXTS[:5], ErrorCounts())
    settings, rules = model.config.settings, LabelRules.of(model.config)
    parts = [CountedInputs(each, vocabulary, settings) for each in (other, counts)]
    text = WRITTEN[0]
    examples = [make_example(text, [], vocabulary, rules, i, 0, fold) for i, fold in enumerate((0, -1))]
    batch = Collator(vocabulary, settings, counted=parts)(examples)
    scores = batch["replace_scores"]
    assert not torch.equal(scores[0], scores[1])
    ids, lengths = np.array(vocabulary.encode(text)), np.array([len(text)])
    for row, part in enumerate(parts):
        np.testing.assert_array_equal(scores[row].numpy(), part(ids, lengths)["replace_scores"][0])


def test_pieces_of_a_batch_give_what_the_batch_gives(counts):
    model, vocabulary = made(counts)
    torch.nn.init.normal_(model.operation_head.weight)
    batch = batch_of(model, vocabulary, list(zip(WRITTEN, WRITTEN, strict=True)), counts)
    whole = model(**model_inputs(batch)).operation_logits
    pieces = split_batch(batch, 20)
    assert len(pieces) > 1
    found = torch.cat([model(**model_inputs(piece)).operation_logits[piece["source_mask"]] for piece in pieces])
    order = torch.argsort(batch["source_mask"].sum(1), stable=True, descending=True)
    expected = torch.cat([whole[row][batch["source_mask"][row]] for row in order])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_counts_are_saved_and_loaded_with_the_weights(counts, tmp_path):
    model, vocabulary = made(counts)
    folder = saved(model, vocabulary, tmp_path / "model")
    loaded, _ = load_model(folder, "cpu")
    assert Proposer(loaded, vocabulary)(WRITTEN) == Proposer(model, vocabulary)(WRITTEN)
    (folder / "counts.npz").unlink()
    with pytest.raises(CheckpointError, match=r"no counts\.npz there\n  cure: copy the model again"):
        load_model(folder, "cpu")


def test_the_encoder_learns_from_the_infiller_from_the_start(counts):
    """With an infiller that is silent at first it would get no gradient, and learn nothing of the language."""
    model, vocabulary = made(counts)
    batch = batch_of(model, vocabulary, [(text, TEXTS[0]) for text in WRITTEN], None)
    masks = torch.nn.functional.cross_entropy(model(**model_inputs(batch), plans=False).infill_logits, batch["answers"])
    masks.backward()
    assert model.encoder.encoder.layer[0].attention.self.value.weight.grad.abs().max() > 0


def test_the_infiller_speaks_up_once(counts):
    model, _ = made(counts)
    norm = model.infiller_head.predictions.transform.LayerNorm
    assert norm.weight.unique().tolist() == [pytest.approx(0.1)]
    model.speak_up()
    assert norm.weight.unique().tolist() == [1.0]
    with torch.no_grad():
        norm.weight[0] = 0.1
    model.speak_up()
    assert norm.weight[0] != 1.0


def test_gradients_have_the_same_bits_every_time_on_two_threads(counts):
    """Else a resumed run would differ from one that was never killed."""
    model, vocabulary = made(counts)
    # At the start it is near 0, and so are most gradients.
    torch.nn.init.ones_(model.infiller_head.predictions.transform.LayerNorm.weight)
    batch = batch_of(model, vocabulary, [(text, TEXTS[0]) for text in WRITTEN] * 40, counts)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = {gradient_bits(model, batch) for _ in range(8)}
    finally:
        torch.set_num_threads(threads)
    assert len(found) == 1


def gradient_bits(model, batch):
    model.zero_grad()
    output = model(**model_inputs(batch))
    loss = output.infill_logits.logsumexp(-1).sum() + output.operation_logits.logsumexp(-1).sum()
    (loss + output.tag_log_probabilities.sum()).backward()
    return b"".join(p.grad.numpy().tobytes() for p in model.parameters() if p.grad is not None)
