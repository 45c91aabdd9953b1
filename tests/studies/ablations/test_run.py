"""Runs of variants on the data of the experiment."""

from collections import Counter

import pytest

from gaprelm.data.pairs import write_template
from gaprelm.data.tables import Pair, iterate_rows, labelled_types
from gaprelm.edits.alignment import align
from gaprelm.edits.label_rules import LabelRules
from gaprelm.studies.ablations import run as module
from gaprelm.studies.ablations.run import RunFiles, _with_own_labels

PAIR = Pair("1", "x", "我再家家", "今我在家", align("我再家家", "今我在家"))


@pytest.mark.parametrize("experiment", [{}, {"enable_insert": False}])
@pytest.mark.parametrize("variant", [{}, {"enable_insert": False}, {"enable_gap": False}])
def test_a_variant_trains_on_labels_of_its_own_switches(tmp_path, experiment, variant):
    table = tmp_path / "template.parquet"
    write_template(table, [PAIR], LabelRules(3, 64, **experiment), Counter())
    before = table.read_bytes()
    rules = LabelRules(3, 64, **variant)
    files = _with_own_labels(RunFiles({"train_data": [str(table)]}, [], {}, tmp_path / "run"), rules)
    (path,) = files.common["train_data"]
    assert labelled_types(path) == rules.edit_types
    (row,) = iterate_rows(path, ["operations", "insert_counts", "answers"])
    learned = rules.learned(len(PAIR.source), PAIR.edits)
    assert row == {name: list(values) for name, values in learned._asdict().items()}
    # The experiment's own table is used as it is where it fits, and never changed.
    assert (path == str(table)) == (experiment == variant)
    assert table.read_bytes() == before


def test_stages_are_trained_in_their_order_whatever_that_of_their_settings(tmp_path, monkeypatch, make_model):
    trained = []
    monkeypatch.setattr(module, "_initial", lambda *_: make_model())
    monkeypatch.setattr(module, "_stage_settings", lambda values, stage, start, files: stage)
    monkeypatch.setattr(module, "_is_finished", lambda settings: False)
    monkeypatch.setattr(module, "_timed", lambda stage, path: trained.append(stage) or len(trained) < 2)
    settings = {"architecture": "gap-relm", "stages": {"joint_finetune": {}, "planner_train": {}}}
    assert module.run(settings, RunFiles({"train_data": []}, [], {}, tmp_path / "run")) is None
    assert trained == ["planner_train", "joint_finetune"]
