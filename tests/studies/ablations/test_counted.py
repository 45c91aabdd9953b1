"""Runs of the counted corrector, which trains nothing."""

from collections import Counter
from copy import deepcopy

import pytest

from gaprelm.data.pairs import aligned_rows, write_template
from gaprelm.data.tables import ALIGNED, NORMALIZED, Sentence, iterate_pairs, write_table
from gaprelm.edits.edit import DELETE, INSERT, REPLACE
from gaprelm.edits.label_rules import LabelRules
from gaprelm.json_files import read_json, write_json
from gaprelm.studies.ablations import counted as module
from gaprelm.studies.ablations.counted import counted
from gaprelm.studies.ablations.run import RunFiles, run
from gaprelm.studies.ablations.table import summarize
from gaprelm.studies.ablations.variants import run_settings
from tests.counts.conftest import TEXTS
from tests.pipeline.test_configuration import DEFAULTS, SCHEMA

WRONG = [
    ("他在图书管看书。", "他在图书馆看书。"),
    ("我们去图书管学习。", "我们去图书馆学习。"),
    ("他今天在去一次学校。", "他今天再去一次学校。"),
    ("我在学校看书。", "我在学校看书。"),
] * 3


def settings_of(seed=1, **changes):
    values = deepcopy(DEFAULTS)
    values["ablations"] |= {"variants": {"channel": {"architecture": "channel", **changes}}, "select": {"x": "x"}}
    return run_settings(values, SCHEMA, "channel", seed)


@pytest.fixture
def pairs(tmp_path):
    """An aligned file of the pairs."""
    sentences = [Sentence(str(n), "set", source, [target]) for n, (source, target) in enumerate(WRONG)]
    write_table(tmp_path / "aligned.parquet", aligned_rows(sentences), ALIGNED)
    return tmp_path / "aligned.parquet"


@pytest.fixture
def clean(tmp_path):
    """A normalized file of clean sentences."""
    rows = (Sentence(str(n), "clean", text, [text])._asdict() for n, text in enumerate(TEXTS))
    write_table(tmp_path / "clean.parquet", rows, NORMALIZED)
    return tmp_path / "clean.parquet"


@pytest.fixture
def files(tmp_path, pairs, clean):
    """A run on pairs and clean sentences; dev and test set are the pairs."""
    write_template(tmp_path / "template.parquet", iterate_pairs(pairs), LabelRules(3, 64), Counter())
    common = {
        "train_data": [str(tmp_path / "template.parquet")],
        "clean_data": str(clean),
        "dev_data": {"x": str(pairs)},
        "dev_weights": {"x": 1.0},
        "scoring_resources": None,
        "repeats": {},
    }
    return RunFiles(common, [clean], {"x": pairs}, tmp_path / "run")


def test_a_run_counts_and_gives_the_same_results_as_others(files, tmp_path):
    result = run(settings_of(), files)
    assert result["tests"]["x"]["points"]["f0.5"]["f0.5"] > 0.8
    assert set(result) == {"parameters", "seconds", "sentences_per_second", "threads", "tests"}
    assert result["parameters"] > 1000
    write_json(tmp_path / "1.json", result)
    assert summarize({"channel": [read_json(tmp_path / "1.json")]})["tests"]["x"]["channel"]["F0.5"]["mean"] > 0.8
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "types"),
    [
        ({}, {REPLACE, INSERT, DELETE}),
        ({"enable_insert": False}, {REPLACE, DELETE}),
        ({"enable_gap": False}, {REPLACE}),
    ],
)
def test_the_switches_say_which_types_are_proposed(files, changes, types):
    proposer, _ = counted(settings_of(**changes), files.common, files.texts)
    (edits,) = proposer.scored(["他他今在图书管看书。"])
    assert {edit.type for edit, _ in edits} == types


def test_wrong_sources_are_not_counted_as_text(files, tmp_path):
    row = Sentence("1", "set", "龘龘龘", ["他在家。", "她在家。", "他在家。"])._asdict()
    write_table(tmp_path / "filtered.parquet", [row], NORMALIZED)
    assert list(module._correct([tmp_path / "filtered.parquet"])) == ["他在家。", "她在家。"]


def test_clean_sentences_alone_get_errors_of_the_stage(files, monkeypatch):
    noise = {**DEFAULTS["noise"], "mix": {"missing": 1.0}, "clean_share": 0.0}

    def made(seed):
        settings = settings_of(seed, stages={"joint_finetune": {"noise": noise}})
        return list(module._training_pairs(settings, {**files.common, "train_data": []}))

    first = made(seed=1)
    assert [target for _, target in first] == TEXTS
    assert all(len(source) < len(target) for source, target in first)
    assert made(seed=1) == first != made(seed=2)
    monkeypatch.setattr(module, "MOST_CORRUPTED", 7)
    assert [target for _, target in made(seed=1)] == TEXTS[::5]


def test_characters_that_look_alike_are_candidates(files, tmp_path):
    rows = [Sentence("1", "set", text, [text])._asdict() for text in ("未来会更好。", "周末去看书。")]
    write_table(tmp_path / "alike.parquet", rows, NORMALIZED)
    proposer, _ = counted(settings_of(), files.common, [tmp_path / "alike.parquet"])
    channel, alphabet = proposer._model.channel, proposer._model.alphabet
    assert "未" in {alphabet.character(int(i)) for i in channel.candidates[alphabet.encode("末")[0]] if i}


def test_without_dev_nothing_is_fitted(files):
    proposer, _ = counted(settings_of(), {**files.common, "dev_data": {}}, files.texts)
    assert proposer._logistics == module.UNFITTED
