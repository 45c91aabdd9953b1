"""Labels of the taggers, from pairs and back to edits."""

import numpy as np
import pytest

from gaprelm.edits.alignment import align
from gaprelm.edits.edit import apply_edits
from gaprelm.edits.label_rules import LabelRules
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines import GECTOR, TAGGING
from gaprelm.studies.baselines.labels import proposals, tag_labels
from gaprelm.studies.baselines.tagging import DELETE_LABEL, FIRST_REPLACE, KEEP_LABEL
from gaprelm.training.batches.collator import IGNORED
from gaprelm.training.batches.examples import make_example
from tests.conftest import SENTENCES

VOCABULARY = CharacterVocabulary.from_texts(SENTENCES)
ALL = LabelRules(3, 64, True, True, True)
REPLACE_ONLY = LabelRules(3, 64, False, False, False)
SIZES = {TAGGING: len(VOCABULARY), GECTOR: FIRST_REPLACE + 2 * len(VOCABULARY)}


def example(source, target, rules=ALL):
    return make_example(source, align(source, target), VOCABULARY, rules, 0, 0)


def target_of(source, labels, architecture):
    """What the labels make of the source when they are certain."""
    certain = np.zeros((len(source) + 2, SIZES[architecture]))
    unchanged = [0, *VOCABULARY.encode(source), 0] if architecture == TAGGING else [KEEP_LABEL] * (len(source) + 2)
    for place, label in enumerate(labels):
        if label not in (IGNORED, unchanged[place]):
            certain[place, label] = 1.0
    return apply_edits(source, [p.edit for p in proposals(source, certain, architecture, VOCABULARY, 0.5)])


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("我今天去学校上课。", "我今天去学校上课。"),
        ("他在图书馆看音。", "他在图书馆看书。"),
        ("天去学校上课。", "今天去学校上课。"),
        ("请把门门关上。", "请把门关上。"),
        ("妈做的饭很好好吃！", "妈妈做的饭很好吃！"),
    ],
)
def test_edit_labels_rebuild_the_target(source, target):
    assert target_of(source, tag_labels(example(source, target), GECTOR, VOCABULARY), GECTOR) == target


def test_character_labels_rebuild_replacements_and_leave_the_rest():
    source, target = "他在图书管看书。", "他在图书馆看书。"
    labels = tag_labels(example(source, target, REPLACE_ONLY), TAGGING, VOCABULARY)
    assert target_of(source, labels, TAGGING) == target
    assert labels[0] == labels[-1] == IGNORED
    labels = tag_labels(example("请把门门关上。", "请把门关上。", REPLACE_ONLY), TAGGING, VOCABULARY)
    assert target_of("请把门门关上。", labels, TAGGING) == "请把门门关上。"


def test_of_several_missing_characters_the_first_is_the_label():
    labels = tag_labels(example("我学校", "我去上学校"), GECTOR, VOCABULARY)
    assert target_of("我学校", labels, GECTOR) == "我去学校"


def test_one_label_a_place_the_operation_first():
    source, target = "天音今越来越冷了。", "天气越来越冷了。"
    labels = tag_labels(example(source, target), GECTOR, VOCABULARY)
    assert DELETE_LABEL in labels


@pytest.mark.parametrize("architecture", [TAGGING, GECTOR])
def test_at_the_start_nothing_but_an_append_is_proposed(architecture):
    uniform = np.full((4, SIZES[architecture]), 0.9)
    uniform[0, 7] = 1.0
    found = list(proposals("我在", uniform, architecture, VOCABULARY, 0.5))
    assert all(p.edit.start >= 0 for p in found)


def test_characters_out_of_the_vocabulary_are_not_learned():
    labels = tag_labels(example("我在", "我鑫"), GECTOR, VOCABULARY)
    assert labels[2] == IGNORED
