"""The parts of the configuration that the initial model and the stages of training depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gaprelm.data.sources import repeats
from gaprelm.errors import ConfigurationError
from gaprelm.model.checkpoint import read_document
from gaprelm.model.settings import MODEL_KEYS
from gaprelm.stages import REPORTING_KEYS, STAGES


def stage_noise(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """The noise settings of a stage: the experiment's, overridden by the stage's own keys."""
    return {**config["noise"], **config["stages"].get(stage, {}).get("noise", {})}


def resume_point(config: Mapping[str, Any]) -> tuple[str, str]:
    """Stage and directory of ``resume_from``.

    Raises:
        ConfigurationError: there is no such checkpoint, or it does not say its stage.
        CheckpointError: what it says of its training is damaged.
    """
    text = config["resume_from"]
    stage, colon, directory = text.partition(":")
    if not colon or stage not in STAGES:
        stage, directory = "", text
    path = Path(directory)
    if not (path / "config.json").is_file() or not (path / "model.safetensors").is_file():
        raise ConfigurationError(
            f"resume_from={text}: no config.json and model.safetensors in {path}\n"
            "  cure: name a best_stage_* directory, or a checkpoint-N directory below work/"
        )
    if stage:
        return stage, directory
    arguments = path / "training_args.json"
    written = read_document(arguments).get("stage") if arguments.is_file() else None
    if isinstance(written, str) and written in STAGES:
        return written, directory
    # work/{stage}/{fingerprint}/checkpoint-N
    if path.resolve().parent.parent.name in STAGES:
        return path.resolve().parent.parent.name, directory
    raise ConfigurationError(
        f"resume_from={text}: the directory does not say which stage it belongs to\n"
        f"  cure: write STAGE:{directory} with one of {', '.join(STAGES)}"
    )


def operating_point(config: Mapping[str, Any]) -> str:
    """The operating point at which the model is used unless another is asked for. It also chooses the checkpoints."""
    return "f2" if config["enable_f2"] else "f0.5"


def model_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the initial model depends on."""
    keys = ("pretrained_model", "dropout", "seed", *(["tiny"] if config["pretrained_model"] == "tiny" else []))
    switches = {key: config[key] for key in MODEL_KEYS}
    return {"tiny": None} | {key: config[key] for key in keys} | {"switches": switches}


def stage_settings(config: Mapping[str, Any], stage: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that decide the result of a stage: its training keys, with its own overrides, how often it sees each
    file, and the precision."""
    elsewhere = (*REPORTING_KEYS, "noise", "max_seq_length")
    keys = [key for key in schema["$defs"]["stage"]["properties"] if key not in elsewhere]
    precision = {key: config[key] for key in ("fp16", "bf16")}
    own = {
        "stage": stage,
        "noise": stage_noise(config, stage),
        "repeats": repeats(config, stage),
        # The model's own length is part of the model.
        "max_seq_length": config["stages"].get(stage, {}).get("max_seq_length"),
        "operating_point": operating_point(config),
    }
    return _of_stage(config, stage, keys) | own | precision


def unhashed_settings(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Keys of a stage that do not change its result: a change of them reruns nothing."""
    return _of_stage(config, stage, REPORTING_KEYS) | {key: config[key] for key in ("num_gpus", "num_workers")}


def _of_stage(config: Mapping[str, Any], stage: str, keys: Iterable[str]) -> dict[str, Any]:
    """The values of keys that a stage may override."""
    return {key: config["stages"].get(stage, {}).get(key, config[key]) for key in keys}
