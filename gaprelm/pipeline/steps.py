"""The settings of each step. Snakemake compares them to see whether the step has to run again.

They therefore hold only what decides the result of the step. A script gets them as ``--settings``, and the paths that
Snakemake knows (input, output) as named arguments.
"""

from __future__ import annotations

from typing import Any

from gaprelm.data.published import named_download
from gaprelm.data.sources import CLEAN, lists_to_keep_out, max_touched
from gaprelm.edits.label_rules import LABEL_KEYS
from gaprelm.pipeline import selection
from gaprelm.pipeline.experiment import Experiment
from gaprelm.stages import FINAL_STAGE, STAGES

_CLEANING_KEYS = ("drop_duplicates", "near_duplicates", "max_changed_share", "identical_share", "seed")
_LIMITS = ("max_insert_num", "max_seq_length")


def download_settings(experiment: Experiment, name: str) -> dict[str, Any]:
    download = named_download(name, experiment.config["downloads"])
    known = {} if download.size is None else {"size": download.size}
    return {"url": download.url, "sha256": download.sha256, **known}


def sample_settings(experiment: Experiment) -> dict[str, Any]:
    config = experiment.config
    return {**config["sample"], "seed": config["seed"]}


def normalize_settings(experiment: Experiment, split: str) -> dict[str, Any]:
    return {
        "sources": [source.as_dict() for source in experiment.sources(split)],
        "on_bad_record": experiment.config["on_bad_record"],
        "clean": split in experiment.training_splits,
        "simplify": experiment.is_simplified(split),
    }


def filter_settings(experiment: Experiment, split: str) -> dict[str, Any]:
    config = experiment.config
    return {
        "cleaning": {key: config[key] for key in _CLEANING_KEYS},
        # [CLS] and [SEP] take two places.
        "longest": config["max_seq_length"] - 2,
        "decontaminate": config["decontaminate"],
        "lists": [source.as_dict() for source in lists_to_keep_out(config)],
        "simplify": config["simplify"],
        "clean_text": split == CLEAN,
    }


def corrupt_settings(experiment: Experiment, split: str, shard: str) -> dict[str, Any]:
    config = experiment.config
    return {"noise": config["noise"], "seed": config["seed"], "split": split, "shard": shard}


def align_settings(experiment: Experiment, part: str) -> dict[str, Any]:
    return {"shard": experiment.shard(part)}


def template_settings(experiment: Experiment) -> dict[str, Any]:
    return {key: experiment.config[key] for key in LABEL_KEYS}


def summary_settings(experiment: Experiment) -> dict[str, Any]:
    return {
        "splits": {split: experiment.parts(split) for split in experiment.splits},
        "new_errors": [split for split in experiment.training_splits if split == CLEAN],
        "cleaned": experiment.training_splits,
        **{key: experiment.config[key] for key in _LIMITS},
    }


def initial_model_settings(experiment: Experiment) -> dict[str, Any]:
    return selection.model_settings(experiment.config)


def count_settings(experiment: Experiment) -> dict[str, Any]:
    """What is counted; the noise makes errors where there are no pairs."""
    config = experiment.config
    noise = {} if experiment.training_pairs() else selection.stage_noise(config, FINAL_STAGE.key)
    return {"counts": config["counts"], "noise": noise, "seed": config["seed"]}


def stage_settings(experiment: Experiment, stage: str) -> dict[str, Any]:
    """The keys of ``StageSettings`` that decide the result of a stage."""
    settings = selection.stage_settings(experiment.config, stage, experiment.schema)
    return settings | {"dev_weights": experiment.dev_weights}


def stage_files(experiment: Experiment, stage: str, num_gpus: int) -> dict[str, Any]:
    """The other keys of ``StageSettings``: paths, and keys that do not decide the result. Snakemake ignores changes.

    Args:
        num_gpus: GPUs of a node.
    """
    folder, (resumed, directory) = experiment.folder, experiment.resumed
    return {
        **selection.unhashed_settings(experiment.config, stage),
        "num_gpus": num_gpus,
        **experiment.training_data(),
        "counts_of_folds": experiment.fold_files(),
        "dev_data": experiment.dev_data,
        "scoring_resources": experiment.config["scoring_resources"],
        "initial_model": experiment.initial if stage == resumed else experiment.start(stage),
        "resume_from": directory if stage == resumed else None,
        "output_dir": experiment.result(STAGES[stage]),
        "work_dir": f"{folder}/work",
        "tensorboard_dir": f"{folder}/tensorboard/{stage}",
        "log_file": f"{folder}/training.log",
        "history_file": f"{folder}/history/{stage}.json",
        "experiment_name": experiment.config["experiment_name"],
    }


def calibrate_settings(experiment: Experiment) -> dict[str, Any]:
    config = experiment.config
    return {
        "default": selection.operating_point(config),
        "dev_weights": experiment.dev_weights,
        "max_touched": {} if experiment.uses_sample else max_touched(config),
        "objective": config["calibrate_for"],
        # By type of edit; a type with null is calibrated.
        "thresholds": {name: config[f"{name}_threshold"] for name in ("delete", "insert", "replace")},
        "scoring_resources": config["scoring_resources"],
    }


def evaluate_settings(experiment: Experiment) -> dict[str, Any]:
    return {"scoring_resources": experiment.config["scoring_resources"]}


def report_results_settings(experiment: Experiment) -> dict[str, Any]:
    return {"calibrated": experiment.has_dev}
