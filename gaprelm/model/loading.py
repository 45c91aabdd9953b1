"""Loads a trained model from its directory."""

from __future__ import annotations

from pathlib import Path

import torch

from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.model.checkpoint import COUNTS
from gaprelm.model.config_file import read_vocabulary
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary

DTYPES = ("float32", "bfloat16", "float16")


def load_model(
    directory: Path, device: str | None = None, dtype: str | torch.dtype | None = None
) -> tuple[GapReLMModel, CharacterVocabulary]:
    """The model in evaluation mode and its vocabulary.

    Args:
        directory: from ``gaprelm.model.checkpoint.find_checkpoint``.
        device: such as ``cpu`` or ``cuda``; by default a GPU if there is one.
        dtype: of the weights, a name in ``DTYPES`` or a torch type; by default float32.

    Raises:
        CheckpointError: a file is damaged, or the files do not belong together. (The embeddings may be padded: a
            vocabulary with fewer tokens than they have rows is no error then.)
        ConfigurationError: there is no such device or type.
        OSError: a file cannot be opened.
    """
    kind = _dtype(dtype)
    place = _device(device)
    model = GapReLMModel.from_pretrained(directory, dtype=kind)
    if model.config.enable_counts and model.counts is None:
        raise CheckpointError(f"{directory}: no {COUNTS} there\n  cure: copy the model again, with all its files")
    vocabulary = read_vocabulary(directory, model.config.bert.vocab_size)
    if place.type == "cuda":
        avoid_cudnn_attention()
    return model.to(place), vocabulary


def avoid_cudnn_attention() -> None:
    """Choose another kernel of attention than cuDNN's.

    On H100 and newer, PyTorch prefers cuDNN's for bf16 and fp16. It makes a plan for each shape of a batch, and here
    nearly every batch has its own (a report: github.com/modelscope/FunASR/issues/3704). With it a Corrector in bf16
    read a quarter of the sentences that fp32 did (H200, PyTorch 2.11); without it, this was not measured yet.
    """
    torch.backends.cuda.enable_cudnn_sdp(False)


def _dtype(name: str | torch.dtype | None) -> torch.dtype:
    known = {text: getattr(torch, text) for text in DTYPES}
    if name is None:
        return torch.float32
    kind = known.get(name) if isinstance(name, str) else name
    if kind is None or kind not in known.values():
        raise ConfigurationError(f"dtype {name!r}; expected one of {', '.join(DTYPES)}")
    return kind


def _device(name: str | None) -> torch.device:
    name = name or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigurationError(
            f"device {name!r} cannot be used ({_first_line(error)})\n  cure: name cpu, cuda, or cuda:N"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
