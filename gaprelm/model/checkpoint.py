"""Finds the directory of a trained model and reads its small files. Nothing here imports torch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.errors import CheckpointError, shown
from gaprelm.extras import EXTRA_OF, is_installed
from gaprelm.json_files import read_json
from gaprelm.textio import file_hash

CONFIG, WEIGHTS, VOCABULARY = "config.json", "model.safetensors", "vocab.txt"
COUNTS = "counts.npz"
CALIBRATION = "calibration.json"
EXPORT, PLANNER, INFILLER = "export.json", "planner.onnx", "infiller.onnx"
# The files of an export; ``export.json`` holds their hashes, and those of weights and counts.
EXPORTED = (CONFIG, PLANNER, INFILLER, VOCABULARY)
# Bytes that a file of an export may have, however small its encoder is.
LARGEST_EXPORTED = 1 << 30
# The model that comes with the package, by this name (docs/train/small.md).
SHIPPED = "small"
_SHIPPED = Path(__file__).with_name(SHIPPED)
MODEL_TYPE = "gaprelm"
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_CURE = "\n  cure: name a best_stage_c directory"
# Bytes of the largest JSON file of a model; real ones have a thousandth of it.
_LARGEST_DOCUMENT = 1 << 22


def find_checkpoint(name: str | Path = SHIPPED) -> Path:
    """The directory of a Gap-ReLM: ``name`` itself, or the local copy of a model of that name on the Hugging Face hub.

    Args:
        name: of the directory or the model; ``small`` is the one that comes with the package. The directory may have
            been made by ``gaprelm export``.

    Raises:
        CheckpointError: there is no such directory or model, a file is missing, or it is another kind of model.
    """
    directory = shipped_or(name)
    if not directory.exists() and _HUB_NAME.fullmatch(str(name)):
        directory = _fetched(str(name))
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "no such directory"
        raise CheckpointError(f"{directory}: {what}{_CURE}")
    _check_there(directory, EXPORTED if is_export(directory) else (CONFIG, WEIGHTS, VOCABULARY))
    config = read_document(directory / CONFIG)
    found = config.get("model_type")
    if found != MODEL_TYPE:
        raise CheckpointError(f"{directory / CONFIG}: found model_type {shown(found)}; expected {MODEL_TYPE!r}{_CURE}")
    if config.get("enable_counts"):
        _check_there(directory, [COUNTS])
    return directory


def shipped_or(name: str | Path) -> Path:
    """The path ``name``, or for ``small`` the directory of the model that comes with the package."""
    return _SHIPPED if str(name) == SHIPPED else Path(name)


def _check_there(directory: Path, files: Iterable[str]) -> None:
    for file in files:
        if not (directory / file).is_file():
            raise CheckpointError(f"{directory}: no {file} there{_CURE}")


def is_export(directory: Path) -> bool:
    """Whether ``gaprelm export`` made the directory.

    Raises:
        CheckpointError: ``export.json`` is there, and is not a file.
    """
    return _has_file(directory / EXPORT, "export the model again, or copy it again")


def _has_file(path: Path, cure: str) -> bool:
    """Whether there is a file. A pipe, a folder or a dead link is not taken for "no file", which would change without
    a word what the model does.

    Raises:
        CheckpointError: what is there is not a file.
    """
    if path.is_file():
        return True
    if path.exists() or path.is_symlink():
        raise CheckpointError(f"{path} is not a file\n  cure: {cure}")
    return False


def weights_hash(name: str | Path) -> str:
    """A sha256 that identifies a model: of its weights, or of ``export.json``, which holds the hashes of its files."""
    directory = find_checkpoint(name)
    return file_hash(directory / EXPORT) if is_export(directory) else trained_weights_hash(directory)


def trained_weights_hash(directory: Path) -> str:
    """The sha256 of the trained weights, for an export that of the weights that it was made from.

    The counts belong to the weights: with them it is the sha256 of the two hashes.

    Raises:
        CheckpointError: ``export.json`` is damaged.
    """
    if not is_export(directory):
        hashes = [file_hash(directory / name) for name in (WEIGHTS, COUNTS) if (directory / name).is_file()]
        return hashes[0] if len(hashes) == 1 else sha256("".join(hashes).encode()).hexdigest()
    return read_export(directory)["weights_sha256"]


def read_export(directory: Path) -> dict[str, Any]:
    """The content of ``export.json``.

    Raises:
        CheckpointError: the file is damaged.
    """
    document = read_document(directory / EXPORT)
    files = document.get("files")
    if not isinstance(document.get("weights_sha256"), str) or not isinstance(files, dict):
        raise CheckpointError(
            f"{directory / EXPORT}: found {shown(document)}; expected weights_sha256 and files\n"
            "  cure: export the model again"
        )
    return document


def check_export(directory: Path, most_bytes: int) -> None:
    """Check that the files of an export are those that ``export.json`` names.

    Args:
        most_bytes: that one of them may have.

    Raises:
        CheckpointError: one of them is another file, or larger.
    """
    named = read_export(directory)["files"]
    # What lies there is read; so it must be named too.
    there = [name for name in (WEIGHTS, COUNTS) if name in named or (directory / name).exists()]
    for name in (*EXPORTED, *there):
        path = directory / name
        check_size(path, most_bytes)
        if not path.is_file() or file_hash(path) != named.get(name):
            raise CheckpointError(
                f"{path} is not the file that {EXPORT} names (sha256)\n  cure: copy or export the model again"
            )


def read_document(path: Path) -> dict[str, Any]:
    """Read a file that holds a JSON object.

    Raises:
        CheckpointError: the file is damaged, or too large to be what it should be.
    """
    check_size(path, _LARGEST_DOCUMENT)
    document = read_json(path, "copy or export the model again", CheckpointError)
    if not isinstance(document, dict):
        raise CheckpointError(f"{path}: found {shown(document)}; expected an object\n  cure: export the model again")
    return document


def check_size(path: Path, most: int) -> None:
    """Check that a small file is one, before it is read whole.

    Args:
        most: bytes that it may have.

    Raises:
        CheckpointError: it has more.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size > most:
        raise CheckpointError(f"{path} has {size:,} bytes; expected at most {most:,}\n  cure: copy the model again")


def read_calibration(directory: Path) -> dict[str, Any] | None:
    """The content of ``calibration.json``, or None if there is no such file.

    Raises:
        CheckpointError: the file is damaged, or is not a file.
    """
    path = directory / CALIBRATION
    if not _has_file(path, "calibrate the model again, or copy it again"):
        return None
    document = read_document(path)
    try:
        points = document["operating_points"]
        named = [each for point in points.values() for each in point["thresholds"].items()]
        sound = isinstance(document["weights_sha256"], str) and document["default"] in points
        sound = sound and all(
            name in EDIT_TYPES and type(value) in (int, float) and 0 <= value <= 1 for name, value in named
        )
    except (KeyError, TypeError, AttributeError):
        sound = False
    if not sound:
        raise CheckpointError(
            f"{path}: found {shown(document)}; expected weights_sha256, default, and operating_points with thresholds "
            f"from 0 to 1 of {', '.join(EDIT_TYPES)}\n"
            "  cure: calibrate the model again, or delete the file to use default thresholds"
        )
    return document


def share_weights_file(directory: Path) -> None:
    """Let all who can read ``config.json`` read the weights: safetensors leaves them to their owner alone."""
    if (directory / WEIGHTS).is_file():
        shutil.copymode(directory / CONFIG, directory / WEIGHTS)


def _fetched(name: str) -> Path:
    if not is_installed("huggingface_hub"):
        raise CheckpointError(
            f"{name} is not a directory here, and huggingface_hub, which would look on the hub, is not installed\n"
            f"  cure: check the path, or pip install 'gaprelm[{EXTRA_OF['huggingface_hub']}]'"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name))
    except (OSError, ValueError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise CheckpointError(
            f"{name} is not a directory here, and the hub did not give it ({type(error).__name__})\n"
            "  cure: check the path or the name, and the network"
        ) from error
