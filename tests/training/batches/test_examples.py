"""Training examples: from the flat copy and made on the fly."""

from collections import Counter

import numpy as np
import pytest

from gaprelm.data.pairs import aligned_rows, label_again, template_rows, write_template
from gaprelm.data.records import Sentence
from gaprelm.data.tables import ALIGNED, NORMALIZED, labelled_types, read_pairs, write_table
from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import edits_to_labels
from gaprelm.errors import InputError
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.examples import CleanSentences, Mixture, make_example
from gaprelm.training.batches.flat import FlatPairs, FlatTexts, write_flat_pairs, write_flat_texts
from tests.conftest import SENTENCES
from tests.noise.test_corruption import corruptor

RULES = LabelRules(3, 64)
SWITCHES = ("enable_insert", "enable_delete", "enable_gap")
VOCABULARY = CharacterVocabulary.from_texts(SENTENCES)


def clean_sentences(sentences=SENTENCES, rules=RULES, stage="joint_finetune"):
    lengths = np.array([len(sentence) for sentence in sentences])
    return CleanSentences(sentences, lengths, corruptor(), VOCABULARY, rules, stage)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a[2:], b[2:], strict=True))


@pytest.mark.parametrize("switches", [{}, *({name: False} for name in SWITCHES), dict.fromkeys(SWITCHES, False)])
def test_flat_copy_holds_the_labels_of_the_edits(tmp_path, monkeypatch, switches):
    # Several batches of rows, and characters without a token: of other scripts, in capitals, beyond the first plane.
    monkeypatch.setattr("gaprelm.data.tables._ROWS_IN_MEMORY", 7)
    rules = LabelRules(3, 64, **switches)
    noise = corruptor(characters_per_error=3)
    pairs = [(noise.corrupt(t, f"{i}/{n}").source, t) for i, t in enumerate(SENTENCES) for n in range(5)]
    pairs += [("ABc𠮷😀我", "aBC𠮷琊😀我"), ("a我", "我琊A"), ("😀", "😀")]
    sentences = [Sentence(str(i), "x", s, [t]) for i, (s, t) in enumerate(pairs)]
    left_out = Counter()
    write_template(tmp_path / "template.parquet", aligned(sentences, tmp_path), rules, left_out)
    write_flat_pairs([tmp_path / "template.parquet"], tmp_path / "flat", VOCABULARY, rules.edit_types)
    flat = FlatPairs(tmp_path / "flat")
    assert len(flat) == len(pairs)
    assert not left_out
    seen = set()
    for index, (source, target) in enumerate(pairs):
        edits = [edit for edit in align(source, target) if edit.type in rules.edit_types]
        labels, found = edits_to_labels(len(source), edits), flat[0, index]
        assert found.source_ids.tolist() == VOCABULARY.encode(source)
        assert found.operations.tolist() == labels.operations
        assert found.insert_counts.tolist() == labels.insert_counts
        assert found.answers.tolist() == [VOCABULARY.answer_id(answer) for answer in labels.answers]
        assert same(found, make_example(source, align(source, target), VOCABULARY, rules, index, 0))
        assert all(a.dtype == b for a, b in zip(found[2:6], (np.int32, np.int8, np.int8, np.int32), strict=True))
        assert flat.lengths[index] == len(source)
        seen |= {edit.type for edit in edits}
    assert seen == rules.edit_types


def test_labels_of_other_switches_are_refused_and_made_again(tmp_path):
    sentences = [Sentence("1", "x", "我再家家", ["今我在家"])]
    narrow, own, again = LabelRules(3, 64, enable_insert=False), tmp_path / "own.parquet", tmp_path / "again.parquet"
    write_template(own, aligned(sentences, tmp_path), narrow, Counter())
    assert labelled_types(own) == {"replace", "delete"}
    with pytest.raises(InputError, match=r"edits delete, replace; expected .* delete, insert, replace\n  cure: set"):
        write_flat_pairs([own], tmp_path / "flat", VOCABULARY, RULES.edit_types)
    assert not (tmp_path / "flat").exists()
    label_again(own, again, RULES)
    write_flat_pairs([again], tmp_path / "flat", VOCABULARY, RULES.edit_types)
    assert FlatPairs(tmp_path / "flat")[0, 0].insert_counts.tolist() == [1, 0, 0, 0, 0]


def test_long_texts_have_the_ids_of_their_characters():
    text = "我ABc𠮷😀琊我\n \U0010ffff在家A"
    for _ in range(2):
        assert VOCABULARY.encode_long(text).tolist() == VOCABULARY.encode(text)
    assert VOCABULARY.encode_long("").tolist() == []


def test_a_pair_that_does_not_fit_is_left_out_whatever_is_switched_off(tmp_path):
    sentences = [Sentence("1", "x", "我学校", ["我今天要快去学校"])]
    left_out = Counter()
    rules = LabelRules(3, 64, enable_insert=False)
    assert list(template_rows(aligned(sentences, tmp_path), rules, left_out)) == []
    assert left_out == {"more insertions in one gap than max_insert_num": 1}


def test_clean_sentences_get_new_errors_every_epoch_and_the_same_again():
    data = clean_sentences()
    for index in range(len(data)):
        assert same(data[0, index], data[0, index])
    changed = [not same(data[0, index], data[1, index]) for index in range(len(data))]
    assert sum(changed) > len(changed) / 2
    # order of asking does not matter
    backwards = [data[3, index] for index in reversed(range(len(data)))][::-1]
    assert all(same(a, data[3, index]) for index, a in enumerate(backwards))


def test_pairs_that_do_not_fit_are_counted(tmp_path):
    sentences = [
        Sentence("1", "x", "我学校", ["我今天要快去学校"]),
        Sentence("2", "x", "我", []),
        Sentence("3", "x", "好", ["好"]),
    ]
    write_table(tmp_path / "a.parquet", aligned_rows(sentences), ALIGNED)
    left_out = Counter()
    rows = list(template_rows(read_pairs(tmp_path / "a.parquet"), RULES, left_out))
    assert [row["id"] for row in rows] == ["3"]
    assert left_out == {"more insertions in one gap than max_insert_num": 1}


def test_repeated_corpora_and_mixtures(tmp_path):
    pairs = {"never": ("他号", "他好"), "often": ("我好", "你好"), "once": ("今天热", "今天很热")}
    sentences = [Sentence(corpus, corpus, source, [target]) for corpus, (source, target) in pairs.items()]
    write_template(tmp_path / "t.parquet", aligned(sentences, tmp_path), RULES, Counter())
    repeats = {"often": 3, "never": 0}
    write_flat_pairs([tmp_path / "t.parquet"], tmp_path / "flat", VOCABULARY, RULES.edit_types, repeats)
    flat = FlatPairs(tmp_path / "flat")
    assert flat.lengths.tolist() == [2, 2, 2, 3]
    assert flat[0, 0].source_ids.tolist() == VOCABULARY.encode("我好")
    clean = clean_sentences()
    both = Mixture([flat, clean])
    assert both.lengths.tolist() == [*flat.lengths, *clean.lengths]
    assert same(both[0, 2], flat[0, 0])
    assert same(both[4, 5], clean[4, 1])
    assert both[4, 5].index == 5


def test_pairs_that_are_too_long_for_a_stage_are_left_out_on_either_side(tmp_path):
    pairs = [("今天热", "今天热"), ("今天", "今天很热"), ("今天很热", "今天"), ("今热", "今天热")]
    sentences = [Sentence(str(n), "x", source, [target]) for n, (source, target) in enumerate(pairs)]
    write_template(tmp_path / "t.parquet", aligned(sentences, tmp_path), RULES, Counter())
    write_flat_pairs([tmp_path / "t.parquet"], tmp_path / "flat", VOCABULARY, RULES.edit_types, longest=5)
    assert FlatPairs(tmp_path / "flat").lengths.tolist() == [3, 2]


def aligned(sentences, folder):
    write_table(folder / "aligned.parquet", aligned_rows(sentences), ALIGNED)
    return read_pairs(folder / "aligned.parquet")


def test_stages_see_different_errors():
    one, other = (clean_sentences(stage=stage) for stage in ("b", "c"))
    assert not all(same(one[0, index], other[0, index]) for index in range(len(one)))


def test_errors_that_do_not_fit_are_drawn_again():
    # Every sentence is as long as the model takes: an error that adds a character does not fit.
    rules = LabelRules(3, max(map(len, SENTENCES)) + 2, True, True, True)
    longest = [s for s in SENTENCES if len(s) + 2 == rules.max_seq_length] * 200
    data = clean_sentences(longest, rules)
    changed = sum(bool(e.operations.any() or e.insert_counts.any()) for e in (data[0, i] for i in range(len(data))))
    assert changed / len(data) > 0.75


def test_flat_texts_hold_the_sentences_that_fit_as_often_as_asked(tmp_path):
    texts = {"我好。": "once", "": "once", "很" * 63: "once", "😀𠮷b": "often", "你好。": "never", "很" * 62: "once"}
    rows = [Sentence(text, corpus, text, [])._asdict() for text, corpus in texts.items()]
    write_table(tmp_path / "t.parquet", rows, NORMALIZED)
    write_flat_texts(tmp_path / "t.parquet", tmp_path / "flat", RULES, {"often": 2, "never": 0})
    flat = FlatTexts(tmp_path / "flat")
    assert list(flat) == ["我好。", "😀𠮷b", "😀𠮷b", "很" * 62]
    assert flat.lengths.tolist() == [3, 3, 3, 62]


def test_several_files_are_one_after_the_other(tmp_path):
    for name, pair in {"a": ("我号", "我好"), "b": ("今天热", "今天很热")}.items():
        sentence = Sentence("1", "x", pair[0], [pair[1]])
        write_template(tmp_path / f"{name}.parquet", aligned([sentence], tmp_path), RULES, Counter())
    files = [tmp_path / "b.parquet", tmp_path / "a.parquet"]
    write_flat_pairs(files, tmp_path / "flat", VOCABULARY, RULES.edit_types)
    flat = FlatPairs(tmp_path / "flat")
    assert flat.lengths.tolist() == [3, 2]
    assert flat[0, 0].insert_counts.tolist() == [0, 0, 1, 0]
    assert flat[0, 1].operations.tolist() == [0, 2]
