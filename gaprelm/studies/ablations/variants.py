"""Variants of an experiment: what each changes, and the settings of its runs."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from gaprelm.errors import ConfigurationError
from gaprelm.pipeline.configuration import checked
from gaprelm.pipeline.selection import model_settings, stage_settings
from gaprelm.stages import JOINT_FINETUNE, STAGES
from gaprelm.studies.baselines import ARCHITECTURES, GAP_RELM

# Keys that a variant cannot change, because the comparison needs them equal.
_COMMON = (
    *("train_file", "datasets", "references_as_clean", "dev_file", "test_files", "data_format", "on_bad_record"),
    *("sample", "simplify", "decontaminate", "decontaminate_with", "drop_duplicates", "near_duplicates"),
    *("max_changed_share", "identical_share", "data_shards", "downloads", "data_mirror", "scoring_resources"),
    # The labelled pairs are made with these.
    *("max_insert_num", "max_seq_length"),
    # All runs start from the same counts.
    "counts",
    *("seed", "ablations", "output_dir", "experiment_name", "resume_from"),
    *("num_gpus", "num_nodes", "num_processes", "num_workers"),
)


def variant_config(config: Mapping[str, Any], schema: Mapping[str, Any], name: str, seed: int) -> dict[str, Any]:
    """The configuration of a variant's run. The variant's keys also win over the keys of the stages.

    Raises:
        ConfigurationError: the variant has an unknown key, or a key that all variants have in common.
    """
    changes = dict(config["ablations"]["variants"][name])
    architecture = changes.pop("architecture", GAP_RELM)
    if architecture not in ARCHITECTURES:
        raise ConfigurationError(
            f"ablations.variants.{name}.architecture={architecture!r}; expected one of {', '.join(ARCHITECTURES)}"
        )
    for key in _COMMON:
        if key in changes:
            raise ConfigurationError(f"ablations.variants.{name} sets {key}, which all variants have in common")
    values = deepcopy(dict(config)) | {key: value for key, value in changes.items() if key != "stages"}
    for stage in STAGES:
        own = {key: value for key, value in values["stages"].get(stage, {}).items() if key not in changes}
        values["stages"][stage] = own | changes.get("stages", {}).get(stage, {})
        # All stages use the run's seed.
        values["stages"][stage].pop("seed", None)
    values["seed"] = seed
    try:
        values = checked(values, schema)
    except ConfigurationError as error:
        raise ConfigurationError(f"ablations.variants.{name}: {error}") from error
    return _one_stage(values) if architecture != GAP_RELM else values


def _one_stage(values: dict[str, Any]) -> dict[str, Any]:
    """The same number of epochs, but all in the joint stage: a baseline has no infiller or planner to train earlier.

    The counted one sees each sentence once, whatever the epochs; it takes only the noise of this stage.
    """
    epochs = [values["stages"].get(stage, {}).get("num_epochs", values["num_epochs"]) for stage in STAGES]
    # It is the first stage that trains, so it warms up as the first one does.
    first = next((stage for stage, number in zip(STAGES, epochs, strict=True) if number), JOINT_FINETUNE)
    warmup = values["stages"][first].get("warmup_ratio", values["warmup_ratio"])
    values["stages"][JOINT_FINETUNE]["warmup_ratio"] = warmup
    for stage in STAGES:
        values["stages"][stage]["num_epochs"] = sum(epochs) if stage == JOINT_FINETUNE else 0
    return values


def run_settings(config: Mapping[str, Any], schema: Mapping[str, Any], name: str, seed: int) -> dict[str, Any]:
    """All settings that decide the result of a run, for ``gaprelm.studies.ablations.run``."""
    values = variant_config(config, schema, name, seed)
    architecture = config["ablations"]["variants"][name].get("architecture", GAP_RELM)
    stages = {stage: stage_settings(values, stage, schema) for stage in STAGES}
    if not any(stage["num_epochs"] for stage in stages.values()):
        raise ConfigurationError(f"ablations.variants.{name}: num_epochs is 0 in all stages\n  cure: train one of them")
    return {
        "model": model_settings(values),
        "architecture": architecture,
        "counts": values["counts"],
        "stages": {name: stage for name, stage in stages.items() if stage["num_epochs"]},
        "objective": values["calibrate_for"],
        "select": config["ablations"]["select"],
    }
