"""The files of a pretrained model's directory. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.errors import InputError
from gaprelm.json_files import read_json
from gaprelm.model.checkpoint import CONFIG, COUNTS, VOCABULARY, WEIGHTS, shipped_or

# Transformers reads the first of these that is there. An index names the files between which the weights are divided.
_INDEX = ".index.json"
_WEIGHTS = (WEIGHTS, WEIGHTS + _INDEX, "pytorch_model.bin", "pytorch_model.bin" + _INDEX)


def pretrained_files(name: str) -> list[str]:
    """The files of ``pretrained_model`` on which the model depends; empty for ``tiny`` and names on the hub."""
    folder = shipped_or(name)
    weights = next((file for file in _WEIGHTS if (folder / file).is_file()), None)
    names = [CONFIG, *(_with_shards(folder, weights) if weights else []), VOCABULARY, COUNTS]
    return [str(folder / file) for file in names if (folder / file).is_file()]


def _with_shards(folder: Path, weights: str) -> Iterator[str]:
    yield weights
    if weights.endswith(_INDEX):
        try:
            yield from sorted({str(shard) for shard in read_json(folder / weights)["weight_map"].values()})
        except (InputError, KeyError, TypeError, AttributeError):
            return  # loading says what is wrong with the index
