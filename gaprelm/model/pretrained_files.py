"""The files of a pretrained model's directory. Nothing here imports torch."""

from __future__ import annotations

from gaprelm.model.checkpoint import CONFIG, COUNTS, VOCABULARY, WEIGHTS, shipped_or

PICKLED_WEIGHTS = "pytorch_model.bin"


def pretrained_files(name: str) -> list[str]:
    """The files of ``pretrained_model`` on which the model depends; empty for ``tiny`` and names on the hub."""
    folder = shipped_or(name)
    weights = WEIGHTS if (folder / WEIGHTS).is_file() else PICKLED_WEIGHTS
    return [str(folder / file) for file in (CONFIG, weights, VOCABULARY, COUNTS) if (folder / file).is_file()]
