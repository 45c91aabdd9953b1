"""Batches: labels at their places, answers in template order, draws that do not depend on the batch."""

import numpy as np
import pytest
import torch

from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import DELETE, KEEP, REPLACE
from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.collator import IGNORED, Collator, uniform_draws
from gaprelm.training.batches.examples import make_example

RULES = LabelRules(3, 64, True, True, True)
VOCABULARY = CharacterVocabulary.from_texts(["我今天去学校上课了吧天气越来越冷再在家"])
PAIRS = [("我再家家", "我在家了"), ("天汽来冷", "今天气越来冷"), ("上课", "上课")]


def example(source, target, index=0, epoch=0):
    return make_example(source, align(source, target), VOCABULARY, RULES, index, epoch)


def batch_of(template="sparse", aux=0.0, pairs=PAIRS, hides=False, **switches):
    examples = [example(*pair, index=i) for i, pair in enumerate(pairs)]
    return Collator(VOCABULARY, ModelSettings(template=template, **switches), aux, seed=7, hides=hides)(examples)


def test_labels_stand_at_the_places_of_the_logits():
    batch = batch_of(pairs=[("我再家家", "我在家"), ("上", "我上")])
    assert batch["operations"].tolist() == [
        [IGNORED, KEEP, REPLACE, KEEP, DELETE, IGNORED],
        [IGNORED, KEEP, IGNORED, IGNORED, IGNORED, IGNORED],
    ]
    assert batch["insert_counts"].tolist() == [
        [0, 0, 0, 0, 0, IGNORED],
        [1, 0, IGNORED, IGNORED, IGNORED, IGNORED],
    ]
    assert batch["source_mask"].sum(1).tolist() == [6, 3]


def test_the_drawn_example():
    batch = batch_of("sparse", pairs=[("我再", "我在"), ("上", "我上")])

    def drawn(name):
        return [" ".join("-" if i == IGNORED else VOCABULARY.tokens[i] for i in row) for row in batch[name].tolist()]

    keep, replace, none = KEEP, REPLACE, IGNORED
    assert drawn("source_ids") == ["[CLS] 我 再 [SEP]", "[CLS] 上 [SEP] [PAD]"]
    assert batch["operations"].tolist() == [[none, keep, replace, none], [none, keep, none, none]]
    assert batch["insert_counts"].tolist() == [[0, 0, 0, none], [1, 0, none, none]]
    assert drawn("tags") == ["- 我 在 -", "- 上 - -"]
    assert drawn("template_ids") == ["我 [MASK] [SEP]", "[MASK] 上 [SEP]"]
    assert batch["template_positions"].tolist() == [[1, 2, 3], [0, 1, 2]]
    assert batch["template_slots"].tolist() == [[0, 0, 0], [1, 0, 0]]
    assert batch["mask_index"].tolist() == [1, 3]
    assert [VOCABULARY.tokens[i] for i in batch["answers"]] == ["在", "我"]


@pytest.mark.parametrize("template", TEMPLATE_KINDS)
def test_tags_are_the_right_characters_of_the_source(template):
    batch = batch_of(template, aux=0.5, pairs=[("我再家家", "我在家"), ("上🜲", "我上🜲"), ("再", "🜲")])
    unknown, i = VOCABULARY.unk_id, VOCABULARY.id_of
    assert batch["tags"].tolist() == [
        [IGNORED, i("我"), i("在"), i("家"), IGNORED, IGNORED],
        # Where it stands, a character without a token is right; as an answer it cannot be learned.
        [IGNORED, i("上"), unknown, IGNORED, IGNORED, IGNORED],
        [IGNORED, IGNORED, IGNORED, IGNORED, IGNORED, IGNORED],
    ]


@pytest.mark.parametrize("template", TEMPLATE_KINDS)
def test_masked_template_with_answers_is_the_target(template):
    batch = batch_of(template)
    ids = batch["template_ids"].flatten()
    assert (ids[batch["mask_index"]] == VOCABULARY.mask_id).all()
    ids[batch["mask_index"]] = batch["answers"]
    texts = [
        "".join(VOCABULARY.tokens[i] for i in row if VOCABULARY.tokens[i] not in ("[PAD]", "[SEP]"))
        for row in ids.view_as(batch["template_ids"]).tolist()
    ]
    if template == "masks":
        assert texts == ["在了", "今气越", ""]
    else:
        assert texts == [target for _, target in PAIRS]


def auxiliary_places(batch, plain):
    """Row and position of each auxiliary mask of a batch, whose answers are the characters there of ``plain``."""
    rows, columns = np.divmod(batch["mask_index"].numpy(), batch["template_ids"].shape[1])
    positions = batch["template_positions"].numpy()[rows, columns]
    own = plain["source_ids"].numpy()[rows, positions]
    auxiliary = batch["auxiliary"].numpy()
    assert auxiliary.any()
    assert (batch["answers"].numpy()[auxiliary] == own[auxiliary]).all()
    return rows[auxiliary], positions[auxiliary]


def test_auxiliary_masks_ask_for_the_character_itself():
    batch = batch_of(aux=0.6)
    auxiliary_places(batch, batch)


def test_a_masked_character_can_be_hidden_in_the_source():
    batch, plain = batch_of(aux=0.6, hides=True), batch_of()
    masked = auxiliary_places(batch, plain)
    hidden = batch["source_ids"] == VOCABULARY.mask_id
    assert sorted(zip(*np.nonzero(hidden.numpy()), strict=True)) == sorted(zip(*masked, strict=True))
    for name in ("operations", "tags"):
        assert (batch[name][hidden] == IGNORED).all()
        assert torch.equal(batch[name][~hidden], plain[name][~hidden])
    assert torch.equal(batch["source_ids"][~hidden], plain["source_ids"][~hidden])


def test_unknown_answers_are_ignored():
    batch = batch_of(pairs=[("我去", "我琊")])
    assert batch["answers"].tolist() == [IGNORED]


def test_a_batch_without_masks_is_a_batch():
    for template in TEMPLATE_KINDS[:1] + TEMPLATE_KINDS[2:]:
        batch = batch_of(template, pairs=[("上课", "上课")])
        assert len(batch["answers"]) == 0


def test_draws_depend_on_the_example_not_on_the_batch():
    alone = Collator(VOCABULARY, ModelSettings(template="masks"), 0.5, seed=7)([example(*PAIRS[1], index=1)])
    together = batch_of("masks", aux=0.5)
    row = together["template_positions"][1][together["template_mask"][1]]
    assert row.tolist() == alone["template_positions"][0].tolist()


def test_draws_are_uniform():
    places = np.arange(50_000)
    draws = uniform_draws(3, np.zeros_like(places), np.full_like(places, 17), places)
    assert abs(draws.mean() - 0.5) < 0.01
    assert abs((draws < 0.15).mean() - 0.15) < 0.01
    other = uniform_draws(3, np.ones_like(places), np.full_like(places, 17), places)
    assert abs(np.corrcoef(draws, other)[0, 1]) < 0.02


@pytest.mark.parametrize(
    ("switch", "operations", "insert_counts"),
    [
        ("enable_insert", [KEEP, REPLACE, KEEP, DELETE, DELETE], [0, 0, 0, 0, 0, 0]),
        ("enable_delete", [KEEP, REPLACE, KEEP, KEEP, KEEP], [1, 0, 0, 0, 0, 0]),
        ("enable_gap", [KEEP, REPLACE, KEEP, KEEP, KEEP], [0, 0, 0, 0, 0, 0]),
    ],
)
def test_switched_off_edits_are_taken_for_correct(switch, operations, insert_counts):
    rules = LabelRules(**{**vars(RULES), switch: False})
    source, target = "我再家家了", "今我在家"
    made = make_example(source, align(source, target), VOCABULARY, rules, 0, 0)
    assert made.operations.tolist() == operations
    assert made.insert_counts.tolist() == insert_counts
    assert len(made.answers) == made.insert_counts.sum() + (made.operations == REPLACE).sum()


def test_plain_relm_masks_every_character():
    rules = LabelRules(3, 64, True, True, False)
    made = make_example("我再家", align("我再家", "我在家"), VOCABULARY, rules, 0, 0)
    batch = Collator(VOCABULARY, ModelSettings(template="full", enable_gap=False))([made])
    assert [VOCABULARY.tokens[i] for i in batch["answers"]] == list("我在家")
