"""Runs of the counted corrector, which trains nothing."""

from copy import deepcopy

import pytest

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.tables import ALIGNED, NORMALIZED, Sentence, write_table
from gaprelm.edits.edit import DELETE, INSERT, REPLACE
from gaprelm.json_files import read_json, write_json
from gaprelm.studies.ablations.counted import counted
from gaprelm.studies.ablations.run import RunFiles, run
from gaprelm.studies.ablations.table import summarize
from gaprelm.studies.ablations.variants import run_settings
from gaprelm.studies.baselines.channel import UNFITTED
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
    sentences = [Sentence(str(n), "set", source, [target])._asdict() for n, (source, target) in enumerate(WRONG)]
    write_table(tmp_path / "train.parquet", sentences, NORMALIZED)
    common = {"dev_data": {"x": str(pairs)}, "dev_weights": {"x": 1.0}, "scoring_resources": None}
    return RunFiles(common, [clean], {"x": pairs}, tmp_path / "run", [tmp_path / "train.parquet"])


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
    proposer, _ = counted(settings_of(**changes), files.texts, files.pairs, [])
    (edits,) = proposer.scored(["他他今在图书管看书。"])
    assert {edit.type for edit, _ in edits} == types


def test_without_dev_nothing_is_fitted(files):
    proposer, _ = counted(settings_of(), files.texts, files.pairs, [])
    assert proposer._logistics == UNFITTED
