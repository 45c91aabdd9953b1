"""Reads the arrays of a counted model, and checks that they are what its parts expect."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

# Of all arrays; a model of four characters has nine.
_MOST_ARRAYS = 32
_LANES = 4  # entries of a bucket (gaprelm.counts.hashing)
_LONGEST = 4  # characters of an n-gram


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file as ``CountModel.save`` writes it, by name; nothing is decompressed or unpickled.

    Raises:
        ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile: it is another kind of file, or cut off.
        OSError: it cannot be opened.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    # A packed member can be a thousand times as large as the file.
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    if not stored or sum(member.file_size for member in members) > path.stat().st_size:
        raise ValueError("its arrays are packed, or larger than the file")
    if len(members) > _MOST_ARRAYS:
        raise ValueError(f"it holds {len(members)} arrays")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def check_arrays(named: Mapping[str, np.ndarray], ids: int) -> None:
    """Check types and shapes, and that all ids are some of the alphabet.

    Args:
        named: as ``read_arrays`` gives them.
        ids: of the alphabet.

    Raises:
        ValueError: an array is something else. KeyError: one is missing.
    """
    orders = sorted(name for name in named if name.startswith("ngrams.words"))
    if orders not in [[f"ngrams.words{n}" for n in range(2, last + 1)] for last in range(2, _LONGEST + 1)]:
        raise ValueError(f"its n-grams are {len(orders)} tables; expected those of 2 to {_LONGEST} characters")
    _check(named, "ngrams.unigrams", "f", (2, ids))
    for words in orders:
        columns = 1 if words == orders[-1] else 2
        _check(named, words, "u8", (None,))
        _check(named, words.replace("words", "rows"), "u1", (_LANES * len(named[words]), columns))
    _check(named, "channel.candidates", "u2", (ids, None))
    _check(named, "channel.log_odds", "f", named["channel.candidates"].shape)
    _check(named, "gaps.log_rates", "f", (3, ids))
    for name, shape in (("after", (ids, None)), ("before", (ids, None)), ("anywhere", (None,))):
        _check(named, f"gaps.{name}", "u2", shape)
    for name in ("channel.candidates", "gaps.after", "gaps.before", "gaps.anywhere"):
        if named[name].max(initial=0) >= ids:
            raise ValueError(f"{name} has ids up to {named[name].max()} of {ids}")
    if any(np.isnan(array).any() for array in named.values() if array.dtype.kind == "f"):
        raise ValueError("some of its logarithms are no numbers")


def _check(named: Mapping[str, np.ndarray], name: str, kind: str, shape: tuple[int | None, ...]) -> None:
    """Check one array; None in the shape is any size but 0."""
    found = named[name]
    sizes = len(found.shape) == len(shape) and all(
        size == wanted if wanted is not None else size > 0 for size, wanted in zip(found.shape, shape, strict=True)
    )
    if not sizes or found.dtype.str.lstrip("<|=")[: len(kind)] != kind:
        raise ValueError(f"{name} is {found.dtype} {found.shape}; expected {kind} {shape}")
