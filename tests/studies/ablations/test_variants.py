"""The configurations of variants."""

from copy import deepcopy

import pytest

from gaprelm.errors import ConfigurationError
from gaprelm.studies.ablations.variants import run_settings, variant_config
from tests.pipeline.test_configuration import DEFAULTS, SCHEMA


def config(**variants):
    values = deepcopy(DEFAULTS)
    values["ablations"]["variants"] = variants
    return values


def test_every_default_variant_is_valid_and_changes_something():
    values = config(**DEFAULTS["ablations"]["variants"])
    runs = [run_settings(values, SCHEMA, name, 1) for name in values["ablations"]["variants"]]
    assert len(runs) >= 10
    assert all(a != b for i, a in enumerate(runs) for b in runs[:i])


def test_a_variant_wins_over_the_stages():
    values = config(x={"enable_f2": False, "noise": {**DEFAULTS["noise"], "clean_share": 0.5}})
    made = variant_config(values, SCHEMA, "x", 7)
    assert made["seed"] == 7
    run = run_settings(values, SCHEMA, "x", 7)
    assert not any(stage["enable_f2"] for stage in run["stages"].values())
    assert all(stage["noise"]["clean_share"] == 0.5 for stage in run["stages"].values())


@pytest.mark.parametrize("architecture", ["tagging", "gector", "channel"])
def test_a_baseline_has_one_stage_and_the_same_budget(architecture):
    values = config(full={}, baseline={"architecture": architecture})
    values["stages"] = {
        "infiller_pretrain": {"num_epochs": 1, "warmup_ratio": 0.3},
        "planner_train": {"num_epochs": 2, "warmup_ratio": 0.0},
        "joint_finetune": {"num_epochs": 3, "warmup_ratio": 0.0},
    }
    full, baseline = (run_settings(values, SCHEMA, name, 1) for name in ("full", "baseline"))
    assert baseline["architecture"] == architecture
    assert list(baseline["stages"]) == ["joint_finetune"]
    epochs = [stage["num_epochs"] for stage in full["stages"].values()]
    assert baseline["stages"]["joint_finetune"]["num_epochs"] == sum(epochs)
    # Its only stage warms up as the first of the others does.
    assert baseline["stages"]["joint_finetune"]["warmup_ratio"] == full["stages"]["infiller_pretrain"]["warmup_ratio"]
    assert full["stages"]["joint_finetune"]["warmup_ratio"] == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, "ablations.variants.x sets seed, which all variants have in common"),
        ({"identical_share": 0.5}, "sets identical_share, which all variants have in common"),
        ({"max_insert_num": 1}, "sets max_insert_num, which all variants have in common"),
        ({"enable_insrt": False}, "ablations.variants.x: unknown configuration key enable_insrt"),
        ({"architecture": "lstm"}, "architecture='lstm'; expected one of gap-relm, tagging, gector, channel"),
        ({"operation_embedding": True}, "x: configuration key operation_embedding=True no longer exists"),
    ],
)
def test_errors_name_the_variant(changes, message):
    with pytest.raises(ConfigurationError) as caught:
        variant_config(config(x=changes), SCHEMA, "x", 1)
    assert message in str(caught.value)


def test_all_stages_of_a_run_have_its_seed():
    values = config(x={})
    values["stages"]["joint_finetune"]["seed"] = 7
    assert {stage["seed"] for stage in run_settings(values, SCHEMA, "x", 2)["stages"].values()} == {2}


def test_a_variant_that_trains_nothing_is_refused():
    with pytest.raises(ConfigurationError, match="num_epochs is 0 in all stages"):
        run_settings(config(x={"num_epochs": 0}), SCHEMA, "x", 1)
