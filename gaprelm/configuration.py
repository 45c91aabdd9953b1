"""The configuration of an experiment: types mended, keys checked, and what each step of the workflow needs of it."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
from collections.abc import Mapping
from copy import deepcopy
from os import environ
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gaprelm.data.published import is_download
from gaprelm.data.readers import READERS
from gaprelm.data.readers.partners import split_path
from gaprelm.data.readers.recognition import AUTO
from gaprelm.errors import ConfigurationError, InputError
from gaprelm.noise.configuration import checked_noise_files, stage_noise
from gaprelm.scoring.resources import Resources
from gaprelm.sources import all_sources, check_sources

STAGE_RESULTS = {
    "infiller_pretrain": "best_stage_a",
    "planner_train": "best_stage_b",
    "joint_finetune": "best_stage_c",
}
# What the workflow's rule fetches; any other folder has to be there.
FETCHED_RESOURCES = "downloads/cherrant"
_MODEL_KEYS = (
    "max_insert_num",
    "max_seq_length",
    "encoder_passes",
    "template",
    "enable_insert",
    "enable_delete",
    "enable_gap",
    "enable_tagging",
    "aux_gap_prob",
    "operation_embedding",
    "proposal_threshold",
)
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def load_schema(path: Path) -> dict[str, Any]:
    """The JSON schema of the configuration."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def checked(config: Mapping[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The configuration with mended types, valid by schema and by the rules between keys.

    Raises:
        ConfigurationError: naming the key, the value and the cure.
    """
    values = _cast(deepcopy(dict(config)), schema, schema)
    missing = [key for key in schema["properties"] if key not in values]
    if missing:
        raise ConfigurationError(f"configuration key {missing[0]} is missing\n  cure: add it, as in config.yaml")
    errors = sorted(Draft202012Validator(schema).iter_errors(values), key=lambda error: list(map(str, error.path)))
    if errors:
        raise ConfigurationError(_schema_message(errors[0], schema))
    if isinstance(values["test_files"], str):
        values["test_files"] = _named_test_file(values["test_files"], values["data_format"])
    _check_rules(values)
    return values


def _cast(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """``value`` in a type that ``schema`` allows, where it is the same value in another one.

    The command line delivers true and false, and all nested numbers, as strings, and a name like 2024 as a number.
    """
    if "$ref" in schema:
        return _cast(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        other = schema.get("additionalProperties")
        other = other if isinstance(other, dict) else {}
        return {str(key): _cast(item, inner.get(key, other), root) for key, item in value.items()}
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if "enum" in schema:
        return next((option for option in schema["enum"] if _text(option) == _text(value)), value)
    if isinstance(value, str) and "string" not in types:
        return _cast_text(value, types)
    if isinstance(value, str) and "null" in types and value.lower() in ("null", "none", ""):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and types and "string" in types:
        return str(value)
    if isinstance(value, float) and "integer" in types and value.is_integer():
        return int(value)
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | str) else json.dumps(value)


def _cast_text(text: str, types: list[str]) -> Any:
    if "null" in types and text.lower() in ("null", "none", ""):
        return None
    if "boolean" in types and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    for name, convert in (("integer", int), ("number", float)):
        if name in types:
            try:
                return convert(text)
            except ValueError:
                continue
    return text


def _schema_message(error: Any, schema: dict[str, Any]) -> str:
    key = ".".join(map(str, error.path))
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(name for name in error.instance if name not in known)
        near = (
            difflib.get_close_matches(unknown, known, 1)
            or [name for name in schema["properties"] if unknown in name][:1]
        )
        where = f" in {key}" if key else ""
        hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
        return f"unknown configuration key {unknown}{where}\n  cure: {hint}"
    if error.validator == "enum":
        allowed = ", ".join(_text(option) for option in error.validator_value)
        return f"configuration key {key}={error.instance!r}; expected one of {allowed}"
    expected = {
        "type": lambda: " or ".join(
            [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        ),
        "pattern": lambda: (
            "letters, digits, '_', '-' and '.'"
            if "A-Z" in str(error.validator_value)
            else f"the form {error.validator_value}"
        ),
        "minimum": lambda: f"at least {error.validator_value}",
        "maximum": lambda: f"at most {error.validator_value}",
        "exclusiveMinimum": lambda: f"more than {error.validator_value}",
        "exclusiveMaximum": lambda: f"less than {error.validator_value}",
    }.get(error.validator, lambda: error.message)()
    cure = "see the comment above it in config.yaml"
    return f"configuration key {key}={error.instance!r}; expected {expected}\n  cure: {cure}"


def _named_test_file(text: str, data_format: str) -> dict[str, Any]:
    """``path:format`` (or ``path`` in the format of the training data) as a test set named after the file."""
    path, colon, name = text.rpartition(":")
    if not colon:
        path, name = text, data_format
    stem = Path(path.split("+")[0]).stem
    return {"".join(c if c.isascii() and c.isalnum() else "_" for c in stem): {"path": path, "format": name}}


def _check_rules(values: dict[str, Any]) -> None:
    """Rules between keys."""
    if values["train_file"] is None and values["datasets"] is None:
        for key in ("dev_file", "test_files"):
            if values[key] is not None:
                found = f"{key} is set, but neither train_file nor datasets, and the embedded sample brings its own"
                raise ConfigurationError(f"{found}\n  cure: set one of them too, or set {key}=null")
    if values["fp16"] and values["bf16"] is True:
        raise ConfigurationError("fp16=true and bf16=true\n  cure: choose one of them")
    for name, stage in values["stages"].items():
        if stage.get("enable_aux_mlm") and stage.get("aux_mlm_prob") == 0 and values["aux_mlm_prob"]:
            raise ConfigurationError(
                f"stages.{name}: enable_aux_mlm with aux_mlm_prob 0\n  cure: enable_aux_mlm: false"
            )
    if values["fp16"] and not values["num_gpus"]:
        raise ConfigurationError("fp16=true needs a GPU, but num_gpus=0\n  cure: set num_gpus, or fp16=false")
    if values["tiny"]["hidden_size"] % values["tiny"]["heads"]:
        raise ConfigurationError(
            f"tiny.hidden_size {values['tiny']['hidden_size']} is no multiple of tiny.heads {values['tiny']['heads']}\n"
            "  cure: choose heads that divide hidden_size"
        )
    if values["aux_gap_prob"] and not values["enable_aux_mlm"]:
        raise ConfigurationError(
            "aux_gap_prob is set, but enable_aux_mlm=false\n  cure: set enable_aux_mlm=true, or aux_gap_prob=0"
        )
    if values["operation_embedding"] and values["encoder_passes"] == 1:
        raise ConfigurationError(
            "operation_embedding=true with encoder_passes=1: the planner would see its answers\n"
            "  cure: set encoder_passes=2"
        )
    for file in checked_noise_files(values):
        _check_is_file(file)
    for name, test in (values["test_files"] or {}).items():
        if test["format"] not in (*READERS, AUTO):
            raise ConfigurationError(f"test_files.{name}: format {test['format']!r}; expected one of docs/formats.md")
    if values["resume_from"] is not None:
        resume_point(values)
    check_sources(values)
    for source in all_sources(values):
        _check_file(source.path, source.format, values)
    if values["scoring_resources"] not in (None, FETCHED_RESOURCES):
        Resources.from_directory(values["scoring_resources"])


def _check_is_file(path: str) -> None:
    if Path(path).is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file in it")
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file\n  cure: check the path (it is relative to {Path.cwd()})")


def _check_file(path: str, data_format: str, values: dict[str, Any]) -> None:
    for part in path.split("+") if not Path(path).exists() else [path]:
        if is_download(part, values["downloads"]):
            if data_format == AUTO:
                raise ConfigurationError(f"{part}: format auto needs a file that is there\n  cure: name its format")
            return
        _check_is_file(part)
    split_path(path, data_format)


def usable_gpus() -> int:
    """How many GPUs this machine offers, by CUDA_VISIBLE_DEVICES and the driver, without importing torch."""
    chosen = environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None and chosen.strip() in ("", "-1"):
        return 0
    if shutil.which("nvidia-smi") is None:
        return 0
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False).stdout
    present = sum(line.startswith("GPU ") for line in listing.splitlines())
    return min(present, len(chosen.split(","))) if chosen is not None else present


def check_gpus(num_gpus: int, available: int) -> None:
    """Raises ConfigurationError where more GPUs are asked for than there are."""
    if num_gpus > available:
        raise ConfigurationError(
            f"num_gpus={num_gpus}, but this machine has {available} usable GPU(s)\n"
            f"  cure: set num_gpus={available}, or check CUDA_VISIBLE_DEVICES and the driver"
        )


def check_nodes(num_nodes: int) -> None:
    """Raises ConfigurationError where several nodes are asked for without a cluster."""
    if num_nodes > 1:
        raise ConfigurationError(
            f"num_nodes={num_nodes} needs a cluster\n  cure: snakemake --profile profiles/slurm …, or num_nodes=1"
        )


def resume_point(config: Mapping[str, Any]) -> tuple[str, str]:
    """Stage and directory of ``resume_from``.

    Raises:
        ConfigurationError: there is no such checkpoint, or it does not say its stage.
    """
    text = config["resume_from"]
    stage, colon, directory = text.partition(":")
    if not colon or stage not in STAGE_RESULTS:
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
    if arguments.is_file():
        return json.loads(arguments.read_text(encoding="utf-8"))["stage"], directory
    # work/{stage}/{fingerprint}/checkpoint-N
    if path.resolve().parent.parent.name in STAGE_RESULTS:
        return path.resolve().parent.parent.name, directory
    raise ConfigurationError(
        f"resume_from={text}: the directory does not say which stage it belongs to\n"
        f"  cure: write STAGE:{directory} with one of {', '.join(STAGE_RESULTS)}"
    )


def model_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """What the initial model depends on."""
    keys = ("pretrained_model", "dropout", "seed", *(["tiny"] if config["pretrained_model"] == "tiny" else []))
    return {"tiny": None} | {key: config[key] for key in keys} | {"switches": {key: config[key] for key in _MODEL_KEYS}}


def stage_settings(config: Mapping[str, Any], stage: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What the result of a stage depends on: its training keys, overrides applied, and the precision."""
    keys = schema["$defs"]["stage"]["properties"]
    values = {key: config["stages"].get(stage, {}).get(key, config[key]) for key in keys}
    values |= {"noise": stage_noise(config, stage), "stage": stage, "fp16": config["fp16"], "bf16": config["bf16"]}
    for key in ("save_steps", "logging_steps"):
        del values[key]
    return values


def unhashed_settings(config: Mapping[str, Any], stage: str) -> dict[str, Any]:
    """Keys of a stage that do not change its result: a change of them reruns nothing."""
    values = {key: config["stages"].get(stage, {}).get(key, config[key]) for key in ("save_steps", "logging_steps")}
    return values | {"num_gpus": config["num_gpus"], "num_workers": config["num_workers"]}
