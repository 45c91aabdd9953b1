"""Taggers learn, and propose what they learned."""

import json

import pytest
import torch
from transformers import BertForMaskedLM

from gaprelm.edits.alignment import align
from gaprelm.edits.edit import apply_edits
from gaprelm.model.modeling import tiny_bert
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines import GECTOR, TAGGING
from gaprelm.studies.baselines.tagging import TaggingConfig, TaggingModel
from gaprelm.studies.baselines.task import TaggingTask
from gaprelm.training.batches.examples import make_example
from gaprelm.training.losses import combine
from tests.conftest import SENTENCES
from tests.studies.baselines.test_labels import ALL, REPLACE_ONLY

PAIRS = {
    GECTOR: [
        ("我天去学校上课。", "我今天去学校上课。"),
        ("请把门门关上。", "请把门关上。"),
        ("他在图书管看书。", "他在图书馆看书。"),
    ],
    TAGGING: [("他在图书管看书。", "他在图书馆看书。"), ("天气越来越冷子。", "天气越来越冷了。")],
}


def trained(architecture, steps=250):
    torch.manual_seed(0)
    vocabulary = CharacterVocabulary.from_texts([*SENTENCES, "管子"])
    bert = tiny_bert(len(vocabulary), layers=1, hidden_size=32, heads=2, max_seq_length=32)
    bert.hidden_dropout_prob = bert.attention_probs_dropout_prob = 0.0
    config = TaggingConfig(bert.to_diff_dict(), architecture, max_seq_length=16)
    model = TaggingModel.from_bert(BertForMaskedLM(bert), config)
    task = TaggingTask(model, vocabulary, enable_f2=False)
    rules = ALL if architecture == GECTOR else REPLACE_ONLY
    pairs = [*PAIRS[architecture], *((s, s) for s in SENTENCES)]
    examples = [make_example(s, align(s, t), vocabulary, rules, i, 0) for i, (s, t) in enumerate(pairs)]
    batch, optimizer = task.collate(examples), torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(steps):
        optimizer.zero_grad()
        loss, _ = combine(task.sums(model, batch), task.weights(batch), task.coefficients)
        loss.backward()
        optimizer.step()
    return model.eval(), task, examples


@pytest.mark.parametrize("architecture", [TAGGING, GECTOR])
def test_a_tagger_learns_its_pairs(architecture):
    model, task, examples = trained(architecture)
    propose = task.proposer(model, 2)
    texts = [source for source, _ in PAIRS[architecture]]
    confident = [[p.edit for p in proposals if p.confidence > 0.5] for proposals in propose(texts)]
    fixed = [apply_edits(text, edits) for text, edits in zip(texts, confident, strict=True)]
    assert fixed == [target for _, target in PAIRS[architecture]]
    with torch.inference_mode():
        masks, fills, right, wrong, missed = task.gold_counts(model, examples)
    assert (masks, fills, wrong, missed) == (0, 0, 0, 0)
    assert right == len(PAIRS[architecture])


def test_long_texts_are_split_and_offsets_are_of_the_whole():
    model, task, _ = trained(GECTOR)
    source = "请把门门关上。" * 4
    proposals = [p for p in task.proposer(model, 3)([source, ""])[0] if p.confidence > 0.5]
    assert apply_edits(source, [p.edit for p in proposals]) == "请把门关上。" * 4


def test_a_saved_tagger_is_the_same(tmp_path):
    model, task, examples = trained(GECTOR, steps=1)
    model.save_pretrained(tmp_path)
    again = TaggingModel.from_pretrained(tmp_path).eval()
    batch = task.collate(examples)
    with torch.inference_mode():
        first, second = (m(batch["source_ids"], batch["source_mask"]) for m in (model, again))
    torch.testing.assert_close(first, second)


@pytest.mark.parametrize(("scheme", "architecture"), [("characters", TAGGING), ("edits", GECTOR)])
def test_a_tagger_of_an_earlier_version_is_read(tmp_path, scheme, architecture):
    """Version 0.1.0 wrote ``scheme`` into config.json."""
    model, _, _ = trained(architecture, steps=0)
    model.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values.pop("architecture", None)
    path.write_text(json.dumps(values | {"scheme": scheme}), encoding="utf-8")
    assert TaggingModel.from_pretrained(tmp_path).config.architecture == architecture


def test_recall_is_favoured_by_the_weights_of_rare_labels():
    model, task, examples = trained(GECTOR, steps=0)
    favouring = TaggingTask(model, task.vocabulary, enable_f2=True)
    batch = task.collate(examples)
    # One appended character (5), one deleted (3), one replaced (2); the others count 1 each.
    assert float(favouring.weights(batch) - task.weights(batch)) == 4 + 2 + 1
