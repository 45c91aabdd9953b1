"""Describes a checkpoint from its files, without loading the weights or importing torch."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError
from gaprelm.model.checkpoint import (
    CONFIG,
    COUNTS,
    WEIGHTS,
    find_checkpoint,
    read_calibration,
    read_document,
    trained_weights_hash,
)
from gaprelm.textio import file_hash
from gaprelm.version import __version__

TRAINING = "training_args.json"
_ENCODER = ("num_hidden_layers", "hidden_size", "num_attention_heads", "max_position_embeddings", "vocab_size")
# What transformers writes into every config.json; the rest are the model's own switches.
_COMMON = {"architectures", "dtype", "encoder", "model_type", "tie_word_embeddings", "transformers_version"}
_PACKAGES = ("torch", "transformers", "safetensors")


def describe(name: str | Path) -> dict[str, Any]:
    """The documented keys of ``gaprelm info --json``: directory, encoder, weights, counts, switches, stages, data,
    calibration and versions. Values that the checkpoint does not hold are null.

    Raises:
        CheckpointError: the directory holds no Gap-ReLM, or one of its files is damaged.
    """
    directory = find_checkpoint(name)
    config = read_document(directory / CONFIG)
    weights = directory / WEIGHTS
    return {
        "directory": str(directory),
        "encoder": {key: _table(config, "encoder").get(key) for key in _ENCODER},
        "weights": _weights(weights),
        "counts": _counts(directory / COUNTS),
        "switches": {key: value for key, value in config.items() if key not in _COMMON},
        "stages": _stages(directory),
        "data": _data(directory),
        "calibration": _calibration(directory),
        "versions": {
            "gaprelm": __version__,
            "saved_with_transformers": config.get("transformers_version"),
            **{package: _installed(package) for package in _PACKAGES},
        },
    }


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at a key; empty if there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _weights(path: Path) -> dict[str, Any]:
    try:
        with safe_open(path, framework="np") as tensors:
            # The scales of weights in 8 bits belong to these.
            names = [name for name in tensors.keys() if not name.endswith("_scale")]  # noqa: SIM118
            slices = [tensors.get_slice(name) for name in names]
            parameters = sum(prod(item.get_shape()) for item in slices)
            types = sorted({item.get_dtype() for item in slices})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error})\n  cure: copy or export the model again") from error
    return {"parameters": parameters, "dtypes": types, "bytes": path.stat().st_size, "sha256": file_hash(path)}


def _counts(path: Path) -> dict[str, Any] | None:
    """The counted model beside the weights; None if there is none."""
    if not path.is_file():
        return None
    counts = CountModel.load(path)
    return {
        "characters": len(counts.alphabet.characters),
        "order": counts.ngrams.order,
        "parameters": counts.parameters,
        "bytes": path.stat().st_size,
        "sha256": file_hash(path),
    }


def _stages(directory: Path) -> list[dict[str, Any]]:
    """The stages that led to the checkpoint, in order. Earlier stages are found if their directories are beside it."""
    stages: list[dict[str, Any]] = []
    known: set[Path] = set()
    while (directory / TRAINING).is_file() and directory.resolve() not in known:
        known.add(directory.resolve())
        document = read_document(directory / TRAINING)
        settings = _table(document, "settings")
        stages.insert(
            0,
            {
                "stage": document.get("stage"),
                "step": document.get("step"),
                "chosen_by": document.get("chosen_by"),
                "metrics": {key.removeprefix("eval_"): v for key, v in _table(document, "metrics").items()},
                "settings": settings,
            },
        )
        directory = directory.parent / Path(str(settings.get("initial_model") or "")).name
    return stages


def _data(directory: Path) -> dict[str, Any] | None:
    """Files, format and number of sentences of each split, from the data summary of the experiment around the model."""
    path = directory.parent / "data" / "summary.json"
    if not path.is_file():
        return None
    splits = {
        name: _table(split, "normalized") for name, split in read_document(path).items() if isinstance(split, dict)
    }
    return {
        name: {key: split.get(key) for key in ("files", "format", "sentences", "with_error")}
        for name, split in splits.items()
        if split
    }


def _calibration(directory: Path) -> dict[str, Any] | None:
    document = read_calibration(directory)
    if document is None:
        return None
    return {
        "of_these_weights": document["weights_sha256"] == trained_weights_hash(directory),
        "default": document["default"],
        "dev_sentences": document.get("dev_sentences"),
        "signature": document.get("signature"),
        "operating_points": {
            name: {"thresholds": point["thresholds"], "dev": _scores(point.get("dev"))}
            for name, point in document["operating_points"].items()
        },
    }


def _scores(dev: object) -> dict[str, float | None] | None:
    if not isinstance(dev, dict):
        return None
    return {key: dev.get(key) for key in ("precision", "recall", "f0.5", "f1", "f2")}


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
