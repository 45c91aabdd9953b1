"""Loads a trained model from its directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from transformers.utils import logging

from gaprelm.errors import CheckpointError, ConfigurationError
from gaprelm.model.checkpoint import CONFIG, COUNTS, VOCABULARY, WEIGHTS
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary

# Embeddings may have more rows than the vocabulary has tokens: they may be padded to the next multiple of this.
_PADDING = 128

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
    """
    kind = _dtype(dtype)
    place = _device(device)
    try:
        with _quiet():
            # The annotation of transformers does not know what ``output_loading_info`` adds.
            loaded = GapReLMModel.from_pretrained(directory, output_loading_info=True, dtype=kind)
            model, info = cast("tuple[GapReLMModel, dict[str, Any]]", loaded)
    except (SafetensorError, ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        raise CheckpointError(
            f"{directory}: {CONFIG} and {WEIGHTS} cannot be read together ({_first_line(error)})\n"
            "  cure: copy or export the model again"
        ) from error
    wrong = sorted(map(str, info["missing_keys"] or info["mismatched_keys"] or info["unexpected_keys"]))
    if wrong:
        raise CheckpointError(
            f"{directory / WEIGHTS} does not fit {CONFIG}: {len(wrong)} weights differ, first {wrong[0]}\n"
            "  cure: copy or export the model again"
        )
    ModelSettings.from_config(model.config.to_dict(), str(directory / CONFIG))
    if model.config.enable_counts and model.counts is None:
        raise CheckpointError(f"{directory}: no {COUNTS} there\n  cure: copy the model again, with all its files")
    vocabulary = CharacterVocabulary.from_file(directory / VOCABULARY)
    size = model.config.bert.vocab_size
    if not size - _PADDING < len(vocabulary) <= size:
        raise CheckpointError(
            f"{directory / VOCABULARY} has {len(vocabulary)} tokens, but the weights {size}\n"
            f"  cure: use the {VOCABULARY} that belongs to the weights"
        )
    if place.type == "cuda":
        avoid_cudnn_attention()
    # The decorator of ``to`` in transformers hides that it is a method.
    return model.eval().to(place), vocabulary  # pyright: ignore[reportArgumentType]


def avoid_cudnn_attention() -> None:
    """Choose another kernel of attention than cuDNN's.

    On H100 and newer, PyTorch prefers cuDNN's for bf16 and fp16. It makes a plan for each shape of a batch, and here
    nearly every batch has its own (a report: github.com/modelscope/FunASR/issues/3704). With it a Corrector in bf16
    read a quarter of the sentences that fp32 did (H200, PyTorch 2.11); without it, this was not measured yet.
    """
    torch.backends.cuda.enable_cudnn_sdp(False)


@contextmanager
def _quiet() -> Iterator[None]:
    """Switch off the progress bar of transformers and its report of weights that do not fit.

    The weights load in a moment, and ``load_model`` raises an error of its own if they do not fit.
    """
    shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()


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
