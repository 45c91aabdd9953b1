"""Loads a pretrained BERT: its files from a directory or the hub, and its weights only if they are all there."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

import torch
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from transformers import BertConfig, BertForMaskedLM
from transformers.utils import logging as transformers_logging

from gaprelm.errors import CheckpointError, ConfigurationError, counted, shown
from gaprelm.model.checkpoint import CONFIG, WEIGHTS, check_size
from gaprelm.model.encoder import largest_weights
from gaprelm.model.pretrained_files import PICKLED_WEIGHTS
from gaprelm.model.weights_file import read_header

logger = logging.getLogger(__name__)

_ENCODER = "bert."


def file_of(name: str, file: str) -> Path | None:
    """A file of a model: in the directory ``name``, else of that model on the hub; None if the model has no such file.

    Raises:
        ConfigurationError: there is no such directory, and the hub did not give it.
    """
    if Path(name).exists():
        path = Path(name) / file
        return path if path.is_file() else None
    try:
        return Path(hf_hub_download(name, file))
    except EntryNotFoundError as error:
        # Every model has a configuration; where the hub cannot be reached, each file that is not here is missing.
        return _not_given(name, error) if file == CONFIG else None
    except (OSError, ValueError, HfHubHTTPError) as error:
        _not_given(name, error)


def _not_given(name: str, error: Exception) -> NoReturn:
    raise ConfigurationError(
        f"pretrained_model={name} is not a directory here, and the hub did not give it ({type(error).__name__})\n"
        "  cure: check the name and the network, name a directory, or set pretrained_model=tiny"
    ) from error


def load_bert(name: str, encoder: Mapping[str, Any]) -> BertForMaskedLM:
    """A masked language model with the weights of ``model.safetensors``, or else of ``pytorch_model.bin``.

    Args:
        name: of a directory, or on the hub.
        encoder: of ``gaprelm.model.encoder.checked_encoder``.

    Raises:
        ConfigurationError: the model has neither file.
        CheckpointError: a file is damaged, or does not hold the whole encoder. A head of the masked language model that
            is not there starts random, with a warning.
    """
    path = file_of(name, WEIGHTS) or file_of(name, PICKLED_WEIGHTS)
    if path is None:
        raise ConfigurationError(
            f"pretrained_model={name}: no {WEIGHTS} and no {PICKLED_WEIGHTS} there\n"
            "  cure: name a model whose weights are in one of these files"
        )
    weights = _read(path, largest_weights(encoder))
    with _quiet():
        # The name is not given: with it transformers would look for other files. It only knows older names of weights.
        loaded = BertForMaskedLM.from_pretrained(
            None,
            config=BertConfig(**encoder),
            state_dict=weights,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    # The annotation of transformers does not know what ``output_loading_info`` adds.
    model, info = cast("tuple[BertForMaskedLM, dict[str, Any]]", loaded)
    _check_loaded(path, model, info)
    return model


def _check_loaded(path: Path, model: BertForMaskedLM, info: Mapping[str, Any]) -> None:
    missing, misfits = set(info["missing_keys"]), {name for name, *_ in info["mismatched_keys"]}
    lost = sorted(name for name in missing if name.startswith(_ENCODER)) + sorted(misfits - missing)
    if lost:
        every = sum(name.startswith(_ENCODER) for name in model.state_dict())
        raise CheckpointError(
            f"{path}: {counted(len(missing), 'weight')} of a BERT missing and {len(misfits)} of another size than its "
            f"config.json says, first {shown(lost[0], 100)}; expected {every} of the encoder, which are named "
            f"{_ENCODER}…\n  cure: choose other weights, or give them the names and sizes of a BERT"
        )
    if missing:
        logger.warning(
            "%s: the head of the masked language model is not there (%s missing): it starts random",
            path,
            counted(len(missing), "weight"),
        )


def _read(path: Path, most_bytes: int) -> dict[str, Tensor]:
    check_size(path, most_bytes)
    path.open("rb").close()  # an error of the system is shown as it is
    try:
        if path.name == WEIGHTS:
            read_header(path, most_bytes)
            return load_file(path)
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path} is damaged ({first})\n  cure: get the weights again") from error
    if not isinstance(weights, dict) or not all(isinstance(value, Tensor) for value in weights.values()):
        raise CheckpointError(f"{path}: found {type(weights).__name__}; expected weights by name\n  cure: get it again")
    return weights


@contextmanager
def _quiet() -> Iterator[None]:
    """Switch off the progress bar of transformers and its report of weights that do not fit.

    The weights load in a moment, and ``load_bert`` raises an error of its own if they do not fit.
    """
    shown_before, verbosity = transformers_logging.is_progress_bar_enabled(), transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if shown_before:
            transformers_logging.enable_progress_bar()
