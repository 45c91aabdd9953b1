"""Reads the weights of a model from ``model.safetensors``, by the safetensors library and from no other file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from gaprelm.errors import CheckpointError, shown
from gaprelm.model.blocks import restored
from gaprelm.model.checkpoint import CONFIG
from gaprelm.model.weights_file import read_header, restored_shapes

_CURE = "\n  cure: copy or export the model again"


def read_weights(
    path: Path, shapes: Mapping[str, torch.Size], tied: Mapping[str, str], most_bytes: int, dtype: torch.dtype
) -> dict[str, Tensor]:
    """All weights of a model, in memory of their own.

    The names and shapes in the file are compared before any number is read, so that neither what a file claims nor
    what its ``config.json`` claims takes memory.

    Args:
        shapes: of each weight of the model by name.
        tied: for a weight that is another one, the name of the other; the file need not hold it.
        most_bytes: as in ``gaprelm.model.weights_file.read_header``.
        dtype: of the result.

    Raises:
        CheckpointError: the file is damaged, a weight is missing, has another shape or is not one of the model's.
        OSError: the file cannot be opened.
    """
    found = restored_shapes(path, read_header(path, most_bytes))
    own = {name: tuple(shape) for name, shape in shapes.items()}
    expected = {name: shape for name, shape in own.items() if name not in tied or name in found}
    different = {name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name)}
    if different:
        counts = (
            f"{len(expected.keys() - found.keys())} missing, {len(found.keys() - expected.keys())} unknown, "
            f"{sum(name in found and name in expected for name in different)} of another shape"
        )
        raise CheckpointError(
            f"{path} does not fit {CONFIG}: {len(different)} weights differ, first {shown(min(different), 100)} "
            f"({counts}){_CURE}"
        )
    try:
        stored = load_file(path)
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged ({error}){_CURE}") from error
    # What is as in the file may be a view of it, which would change with the file.
    weights = {name: weight.to(dtype, copy=stored.get(name) is weight) for name, weight in restored(stored).items()}
    for name, other in tied.items():
        if not torch.equal(weights.setdefault(name, weights[other]), weights[other]):
            raise CheckpointError(f"{path}: {name} is not {other}; expected that they are the same{_CURE}")
    return weights
