"""Checks that the keys of a configuration fit each other and the files that they name."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gaprelm.data.published import is_download
from gaprelm.data.readers import READERS
from gaprelm.data.readers.partners import files_of, split_path
from gaprelm.data.readers.recognition import AUTO
from gaprelm.data.sources import all_sources, check_sources, max_touched, training_sources
from gaprelm.errors import ConfigurationError, InputError
from gaprelm.noise.settings import NoiseSettings, noise_files
from gaprelm.pipeline.selection import resume_point, stage_noise
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.stages import INFILLER_PRETRAIN, STAGES

logger = logging.getLogger(__name__)

# The folder that the workflow fetches itself; any other one must exist.
FETCHED_RESOURCES = "downloads/cherrant"

# What Snakemake replaces in paths: wildcards in braces, and path variables ("pathvars") in angle brackets.
_PATTERN = re.compile("[{}]|<[a-z][a-z0-9_]*>")
# What Snakemake warns of in a path, what ends one in C, and what no file system can write.
_CONTROL = re.compile("[\0-\x1f\x7f\ud800-\udc7f\udd00-\udfff]")
# Keys that hold paths. Some hold other texts too, which contain no braces.
_PATH_KEYS = (
    *("train_file", "datasets", "dev_file", "test_files", "decontaminate_with", "noise", "stages"),
    *("output_dir", "pretrained_model", "resume_from", "scoring_resources"),
)
# What no path may hold: where, and why not.
_UNUSABLE = (
    (_CONTROL, (*_PATH_KEYS, "data_mirror"), "a path with a line end or another control character cannot be used"),
    (_PATTERN, _PATH_KEYS, "a path with braces or <name> cannot be used: Snakemake takes them for patterns"),
)


def checked_noise_files(config: Mapping[str, Any]) -> Iterator[str]:
    """The files of all noise settings of a configuration.

    Raises:
        ConfigurationError: noise settings that cannot be used.
    """
    blocks = {"noise": config["noise"]}
    for stage, values in config["stages"].items():
        if "noise" in values:
            blocks[f"stages.{stage}.noise"] = stage_noise(config, stage)
    for place, values in blocks.items():
        NoiseSettings.from_mapping(values, place)
        yield from noise_files(values)


def named_test_file(text: str, data_format: str) -> dict[str, Any]:
    """``path:format`` (or ``path`` in the format of the training data) as a test set named after the file."""
    path, colon, name = text.rpartition(":")
    if not colon or Path(text).is_file():
        path, name = text, data_format
    stem = Path(files_of(path)[0]).stem
    return {"".join(c if c.isascii() and c.isalnum() else "_" for c in stem): {"path": path, "format": name}}


def check_paths(values: Mapping[str, Any]) -> None:
    """Refuse paths that the workflow cannot use.

    Raises:
        ConfigurationError: the message names the key, the path and the cure.
    """
    for signs, keys, why in _UNUSABLE:
        for place, path in (text for key in keys for text in _texts(key, values[key])):
            if signs.search(path):
                written = repr(path) if signs is _CONTROL else path
                raise ConfigurationError(
                    f"{place}={written}: {why}\n  cure: rename it, or make a link to it whose name has none"
                )
    if values["output_dir"].startswith("-"):
        raise ConfigurationError(
            f"output_dir={values['output_dir']}: a path that begins with - is taken for an option\n"
            f"  cure: output_dir=./{values['output_dir']}"
        )


def _texts(place: str, value: Any) -> Iterator[tuple[str, str]]:
    """All texts in a value, each with the keys that lead to it."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(f"{place}.{key}", item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(place, item)


def check_rules(values: dict[str, Any]) -> None:
    """Check the rules between keys."""
    check_paths(values)
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
    for file in checked_noise_files(values):
        _check_is_file(file)
    for name, test in (values["test_files"] or {}).items():
        if test["format"] not in (*READERS, AUTO):
            raise ConfigurationError(
                f"test_files.{name}: format {test['format']!r}; expected one of docs/use/formats.md"
            )
    if values["resume_from"] is not None:
        resume_point(values)
    check_sources(values)
    if max_touched(values) and values["calibrate_for"] != "edits":
        raise ConfigurationError(
            f"dev_file has max_touched, but calibrate_for={values['calibrate_for']}\n  cure: set calibrate_for=edits"
        )
    _check_stages(values)
    for source in all_sources(values):
        _check_file(source.path, source.format, values)
    if values["scoring_resources"] not in (None, FETCHED_RESOURCES):
        Resources.from_directory(values["scoring_resources"])


def _check_stages(values: Mapping[str, Any]) -> None:
    """See that what the stages have of their own fits, and that those that are trained have something to train on."""
    for stage, own in values["stages"].items():
        if own.get("max_seq_length", 0) > values["max_seq_length"]:
            raise ConfigurationError(
                f"stages.{stage}.max_seq_length={own['max_seq_length']}; expected at most {values['max_seq_length']}, "
                "the max_seq_length of the model\n"
                "  cure: lower it, or raise max_seq_length at the top level"
            )
    sources = training_sources(values)
    trained = [stage for stage in STAGES if _of_stage(values, stage, "num_epochs")]
    for stage in trained:
        if sources and not any(source.times(stage) for source in sources):
            raise ConfigurationError(
                f"datasets: repeat is 0 for every file in {stage}, so this stage has nothing to train on\n"
                f"  cure: give a file a repeat of 1 or more, or leave the stage out (stages.{stage}.num_epochs: 0)"
            )
    if trained and values["resume_from"] is None:
        _remind_of_warm_up(values, trained[0])


def _remind_of_warm_up(values: Mapping[str, Any], first: str) -> None:
    """Later stages do not warm up by default; warn if the first one that is trained is such a stage."""
    if first != INFILLER_PRETRAIN and values["warmup_ratio"] and not _of_stage(values, first, "warmup_ratio"):
        logger.warning(
            "%s is the first stage that is trained, and does not warm up: set stages.%s.warmup_ratio, unless it starts "
            "from a trained model",
            first,
            first,
        )


def _of_stage(values: Mapping[str, Any], stage: str, key: str) -> Any:
    return values["stages"].get(stage, {}).get(key, values[key])


def _check_is_file(path: str) -> None:
    if Path(path).is_dir():
        raise InputError(f"{path}: is a directory\n  cure: name a file in it")
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file\n  cure: check the path (it is relative to {Path.cwd()})")


def _check_file(path: str, data_format: str, values: dict[str, Any]) -> None:
    for file in files_of(path):
        if is_download(file, values["downloads"]):
            if data_format == AUTO:
                raise ConfigurationError(f"{file}: format auto needs a file that exists\n  cure: name its format")
            return
        _check_is_file(file)
    split_path(path, data_format)
