"""Reads what a file of weights says of itself, and checks it before anything is loaded. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError, safe_open

from gaprelm.errors import CheckpointError, shown

# Of a weight in 8-bit blocks NAME, the scales (``gaprelm.model.blocks``).
SCALE = "_scale"
_NUMBERS = ("F64", "F32", "F16", "BF16")
# The list of tensors at the start of a file; that of a model of 48 layers has a tenth of it.
_LONGEST_HEADER = 1 << 21
_CURE = "\n  cure: copy or export the model again"


class Stored(NamedTuple):
    """One tensor of a file."""

    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path, most_bytes: int) -> dict[str, Stored]:
    """The tensors of a safetensors file by name; their numbers are not read.

    Args:
        most_bytes: a larger file is refused without a look at it.

    Raises:
        CheckpointError: the file is damaged, or larger than it can be.
        OSError: it cannot be opened. (safetensors itself would say that there is no such file.)
    """
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    size = path.stat().st_size
    if size > most_bytes:
        raise CheckpointError(f"{path} has {size:,} bytes; expected at most {most_bytes:,} by its config.json{_CURE}")
    if header > min(size, _LONGEST_HEADER):
        raise CheckpointError(f"{path} is damaged (a header of {header:,} bytes in a file of {size:,}){_CURE}")
    try:
        with safe_open(path, framework="np") as tensors:
            slices = {name: tensors.get_slice(name) for name in tensors.keys()}  # noqa: SIM118
            return {name: Stored(part.get_dtype(), tuple(part.get_shape())) for name, part in slices.items()}
    except (SafetensorError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged ({error}){_CURE}") from error


def restored_shapes(path: Path, header: Mapping[str, Stored]) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights that a file stands for; a weight in blocks is one weight (out, in).

    Args:
        path: of the file, for messages.

    Raises:
        CheckpointError: a tensor is of a type that weights do not have, or blocks and scales do not fit.
    """
    shapes = {}
    for name, (dtype, shape) in header.items():
        scale = header.get(name + SCALE)
        if name.endswith(SCALE) and name.removesuffix(SCALE) in header:
            continue
        if scale is None and dtype in _NUMBERS:
            shapes[name] = shape
        elif scale == Stored("F32", shape[:2]) and dtype == "U8" and len(shape) == 3:
            shapes[name] = (shape[0], shape[1] * shape[2])
        else:
            raise CheckpointError(
                f"{path}: {shown(name)}: found {dtype} {list(shape)}; expected one of {', '.join(_NUMBERS)}, or U8 in "
                f"blocks with their scales{_CURE}"
            )
    return shapes
