"""Settings of the steps: what decides a result is in them, and what does not is not."""

import json

import pytest
import yaml

from gaprelm.pipeline import steps
from gaprelm.stages import STAGES
from tests.conftest import ROOT

CLEAN = {"path": "c.txt", "format": "clean"}
STAGES_OF_THE_DEMO = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["stages"]


def settings_of(experiment):
    """The settings of every step of the chain, by the names of the rules."""
    stages = {stage.rule: steps.stage_settings(experiment, stage.key) for stage in STAGES.values()}
    return stages | {
        "sample": steps.sample_settings(experiment),
        "normalize": steps.normalize_settings(experiment, "clean"),
        "filter": steps.filter_settings(experiment, "clean"),
        "corrupt": steps.corrupt_settings(experiment, "dev", "1-of-1"),
        "align": steps.align_settings(experiment, "dev"),
        "template": steps.template_settings(experiment),
        "summary": steps.summary_settings(experiment),
        "initial_model": steps.initial_model_settings(experiment),
        "calibrate": steps.calibrate_settings(experiment),
        "evaluate": steps.evaluate_settings(experiment),
    }


STAGE_RULES = {stage.rule for stage in STAGES.values()}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sample": {"dev_share": 0.2, "test_share": 0.1, "limit": None}}, {"sample"}),
        ({"on_bad_record": "skip"}, {"normalize"}),
        ({"simplify": "train"}, {"normalize", "filter"}),
        ({"decontaminate": "sentences"}, {"filter"}),
        ({"near_duplicates": 0.9}, {"filter"}),
        ({"max_seq_length": 128}, {"filter", "template", "summary", "initial_model"}),
        ({"enable_insert": False}, {"template", "initial_model"}),
        ({"enable_gap": False}, {"template", "initial_model"}),
        ({"batch_size": 8}, STAGE_RULES),
        ({"enable_f2": True}, {"calibrate", *STAGE_RULES}),
        ({"stages": {**STAGES_OF_THE_DEMO, "planner_train": {"enable_f2": False}}}, {"train_planner"}),
        ({"insert_threshold": 0.9}, {"calibrate"}),
        ({"calibrate_for": "types"}, {"calibrate"}),
        ({"scoring_resources": "downloads/cherrant"}, {"calibrate", "evaluate"}),
        ({"seed": 1}, {"sample", "filter", "corrupt", "initial_model", *STAGE_RULES}),
        # What decides no result
        ({"save_steps": 7, "num_workers": 2, "num_processes": 2, "data_shards": 3, "data_mirror": "x"}, set()),
        ({"output_dir": "elsewhere"}, {"normalize"}),  # it reads the sample from there
    ],
)
def test_a_changed_key_is_told_to_the_steps_that_use_it(make_experiment, changes, told):
    before, after = settings_of(make_experiment()), settings_of(make_experiment(**changes))
    assert {name for name in before if before[name] != after[name]} == told


@pytest.mark.parametrize(
    ("repeat", "told"),
    [
        (2, STAGE_RULES),
        ({"planner_train": 2}, {"train_planner"}),
        ({"infiller_pretrain": 0, "joint_finetune": 1}, {"train_infiller"}),
        ({"joint_finetune": 1}, set()),
    ],
)
def test_how_often_a_stage_sees_a_file_is_told_to_that_stage(make_experiment, repeat, told):
    other = {"path": "a.tsv", "format": "parallel"}
    before = settings_of(make_experiment(datasets=[CLEAN, other]))
    after = settings_of(make_experiment(datasets=[CLEAN, other | {"repeat": repeat}]))
    assert {name for name in before if before[name] != after[name]} == told


def test_references_as_clean_sentences_leave_the_pairs_as_they_are(make_experiment):
    def of(experiment):
        return {split: steps.normalize_settings(experiment, split) for split in experiment.training_splits}

    before = of(make_experiment(train_file="a.tsv"))
    after = of(make_experiment(train_file="a.tsv", references_as_clean=True))
    assert after["train"] == before["train"]
    assert after["clean"]["sources"][0]["references_as_clean"]


def test_weights_of_dev_sets_are_told_to_whatever_chooses(make_experiment):
    def sets(weight):
        dev = {"a": CLEAN | weight, "b": CLEAN}
        return make_experiment(train_file="c.txt", data_format="clean", dev_file=dev)

    def of(experiment):
        stages = {stage.rule: steps.stage_settings(experiment, stage.key) for stage in STAGES.values()}
        return stages | {"calibrate": steps.calibrate_settings(experiment)}

    before, after = of(sets({"weight": 1})), of(sets({"weight": 2}))
    assert {name for name in before if before[name] != after[name]} == {"calibrate", *STAGE_RULES}
    assert of(sets({})) == before


def test_settings_are_json(make_experiment):
    settings = settings_of(make_experiment())
    assert json.loads(json.dumps(settings)) == settings


def test_sentences_that_get_errors_every_epoch_have_no_parts(make_experiment):
    settings = steps.summary_settings(make_experiment(datasets=[{"path": "a.tsv", "format": "parallel"}, CLEAN]))
    assert settings["splits"] == {"train": ["train.1-of-1"], "clean": []}
    assert settings["new_errors"] == ["clean"]
    assert settings["cleaned"] == ["train", "clean"]


def test_the_two_halves_of_a_stage_file_say_nothing_twice(make_experiment):
    experiment = make_experiment()
    files = steps.stage_files(experiment, "planner_train", num_gpus=0)
    assert not set(files) & set(steps.stage_settings(experiment, "planner_train"))
    assert files["initial_model"] == "outputs/demo/best_stage_a"
    assert files["output_dir"] == "outputs/demo/best_stage_b"


def test_a_resumed_stage_is_told_the_checkpoint(make_experiment, model_dir):
    experiment = make_experiment(resume_from=f"joint_finetune:{model_dir}", enable_counts=False)
    files = steps.stage_files(experiment, "joint_finetune", num_gpus=0)
    assert files["resume_from"] == str(model_dir)
    assert files["initial_model"] == "outputs/demo/initial"
    assert steps.stage_files(experiment, "planner_train", num_gpus=0)["resume_from"] is None


def test_downloads_are_told_by_address_and_sum(make_experiment):
    own = {"url": "https://example.invalid/x", "sha256": "0" * 64, "licence": "MIT"}
    experiment = make_experiment(downloads={"x.tsv": own})
    assert steps.download_settings(experiment, "x.tsv") == {"url": own["url"], "sha256": own["sha256"]}
