"""Describes a checkpoint from its files, without loading the weights or importing torch."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from math import prod
from pathlib import Path
from typing import Any

from gaprelm.counts.model import CountModel
from gaprelm.model.checkpoint import (
    CONFIG,
    COUNTS,
    LARGEST_EXPORTED,
    WEIGHTS,
    check_export,
    find_checkpoint,
    is_export,
    read_calibration,
    read_document,
    trained_weights_hash,
)
from gaprelm.model.config_file import read_config
from gaprelm.model.encoder import largest_weights
from gaprelm.model.weights_file import SCALE, read_header, restored_shapes
from gaprelm.textio import file_hash
from gaprelm.version import __version__

TRAINING = "training_args.json"
_ENCODER = ("num_hidden_layers", "hidden_size", "num_attention_heads", "max_position_embeddings", "vocab_size")
_PACKAGES = ("torch", "transformers", "safetensors")


def describe(name: str | Path) -> dict[str, Any]:
    """The documented keys of ``gaprelm info --json``: directory, encoder, weights, counts, switches, stages, data,
    calibration and versions. Values that the checkpoint does not hold are null.

    Raises:
        CheckpointError: the directory holds no Gap-ReLM, or one of its files is damaged.
    """
    directory = find_checkpoint(name)
    settings, encoder = read_config(directory)
    most = largest_weights(encoder)
    if is_export(directory):
        check_export(directory, max(most, LARGEST_EXPORTED))
    return {
        "directory": str(directory),
        "encoder": {key: encoder[key] for key in _ENCODER},
        "weights": _weights(directory / WEIGHTS, most),
        "counts": _counts(directory / COUNTS),
        "switches": asdict(settings),
        "stages": _stages(directory),
        "data": _data(directory),
        "calibration": _calibration(directory),
        "versions": {
            "gaprelm": __version__,
            "saved_with_transformers": read_document(directory / CONFIG).get("transformers_version"),
            **{package: _installed(package) for package in _PACKAGES},
        },
    }


def _table(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The object at a key; empty if there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _weights(path: Path, most_bytes: int) -> dict[str, Any]:
    header = read_header(path, most_bytes)
    # The scales of weights in 8 bits belong to these.
    parameters = sum(map(prod, restored_shapes(path, header).values()))
    types = sorted({stored.dtype for name, stored in header.items() if not name.endswith(SCALE)})
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
    while _is_file(directory / TRAINING) and directory.resolve() not in known:
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
        earlier = Path(str(settings.get("initial_model") or "")).name
        beside = [parent / earlier for parent in _parents(directory)]
        directory = next((path for path in beside if _is_file(path / TRAINING)), beside[0])
    return stages


def _data(directory: Path) -> dict[str, Any] | None:
    """Files, format and number of sentences of each split, from the data summary of the experiment around the model."""
    paths = [parent / "data" / "summary.json" for parent in _parents(directory)]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return None
    splits = {
        name: _table(split, "normalized") for name, split in read_document(path).items() if isinstance(split, dict)
    }
    return {
        name: _read_from(split) | {key: split.get(key) for key in ("sentences", "with_error")}
        for name, split in splits.items()
        if split
    }


def _read_from(split: dict[str, Any]) -> dict[str, Any]:
    """The files of a split and their formats. The first summaries had these two keys themselves."""
    sources = split.get("sources")
    if not isinstance(sources, list):
        return {key: split.get(key) for key in ("files", "format")}
    known = [source for source in sources if isinstance(source, dict)]
    formats = {source["format"] for source in known if isinstance(source.get("format"), str)}
    return {"files": [source.get("path") for source in known], "format": ", ".join(sorted(formats)) or None}


def _parents(directory: Path) -> tuple[Path, Path]:
    """The folders that a directory lies in: by its name, which may be ``.``, and by what that is a link to."""
    return directory.absolute().parent, directory.resolve().parent


def _is_file(path: Path) -> bool:
    """Whether there is such a file; false for names that no file can have."""
    try:
        return path.is_file()
    except OSError:
        return False


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
