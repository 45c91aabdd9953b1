"""Weights as 8-bit numbers with a scale for each block of a row, and the file that holds them.

The layout is that of ONNX Runtime's operator ``MatMulNBits``: a weight (out, in) becomes numbers (out, blocks, size)
from 1 to 255, which stand for -127 to 127, and scales (out, blocks). The file is a ``model.safetensors`` in which
``NAME`` holds the numbers and ``NAME_scale`` the scales. The graphs of an export read it, and training can start from
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from gaprelm.model.weights_file import SCALE

_ZERO, _LARGEST = 128, 127
_SMALLEST_BLOCK, _LARGEST_BLOCK = 16, 64
# The products whose weights are large, and the rows of the vocabulary.
_PRODUCTS = re.compile(r"\.(query|key|value|dense|context|candidate|word_embeddings)\.weight$")
# The header ends at a multiple of this, so that numbers of every type lie where processors read them fastest.
_ALIGNMENT = 64
_TYPES = {torch.float32: "F32", torch.uint8: "U8"}


class Blocks(NamedTuple):
    """A weight (out, in): ``numbers`` (out, blocks, size) uint8, ``scales`` (out, blocks) float32."""

    numbers: Tensor
    scales: Tensor


def block_size(width: int) -> int | None:
    """The numbers of a block in rows of ``width``: a power of two that divides it; None where that is too small."""
    size = min(width & -width, _LARGEST_BLOCK)
    return size if size >= _SMALLEST_BLOCK else None


def to_blocks(weight: Tensor) -> Blocks:
    """Round a weight (out, in); ``block_size(in)`` must not be None."""
    size = block_size(weight.shape[1])
    assert size is not None
    parts = weight.detach().float().unflatten(1, (-1, size))
    # Where all are 0, any scale will do.
    scales = (parts.abs().amax(-1) / _LARGEST).clamp(min=torch.finfo(torch.float32).tiny)
    return Blocks(((parts / scales[..., None]).round() + _ZERO).to(torch.uint8), scales)


def from_blocks(blocks: Blocks) -> Tensor:
    """The weight (out, in) that the blocks stand for."""
    return ((blocks.numbers.float() - _ZERO) * blocks.scales[..., None]).flatten(1)


def is_rounded(name: str, weight: Tensor) -> bool:
    """Whether the weight of this name is kept in blocks."""
    return bool(_PRODUCTS.search(name)) and block_size(weight.shape[1]) is not None


def rounded(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A model's weights with their products in blocks, by the names that the file has."""
    kept: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if is_rounded(name, weight):
            kept[name], kept[name + SCALE] = to_blocks(weight)
        else:
            kept[name] = weight
    return kept


def restored(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights that a file stands for, by their names in the model; without blocks they are what they were."""
    return {
        name: from_blocks(Blocks(weight, weights[name + SCALE])) if name + SCALE in weights else weight
        for name, weight in weights.items()
        if name.removesuffix(SCALE) == name or name.removesuffix(SCALE) not in weights
    }


def write_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Write a safetensors file in which the weights of one kind lie one after another, in the order given.

    So query, key and value of a layer are one piece of the file, which a graph can read as one weight. The library's
    own writer sorts by name.
    """
    order = sorted(weights, key=lambda name: (-weights[name].element_size(), re.split(r"[._]", name)[-1]))
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    start = 0
    for name in order:
        weight = weights[name]
        end = start + weight.numel() * weight.element_size()
        header[name] = {"dtype": _TYPES[weight.dtype], "shape": list(weight.shape), "data_offsets": [start, end]}
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % _ALIGNMENT)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            file.write(weights[name].contiguous().numpy().tobytes())
