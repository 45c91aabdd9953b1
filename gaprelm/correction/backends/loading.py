"""Loads a trained model as a backend; torch is imported only for models that it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.correction.backends import BACKENDS
from gaprelm.errors import CheckpointError, ConfigurationError, require
from gaprelm.model.checkpoint import EXPORT, is_export

if TYPE_CHECKING:
    from gaprelm.correction.backends.interface import Backend
    from gaprelm.model.vocabulary import CharacterVocabulary


def load_backend(
    directory: Path, backend: str | None = None, device: str | None = None, dtype: Any = None
) -> tuple[Backend, CharacterVocabulary]:
    """The model in ``directory``, ready to run, and its vocabulary.

    Args:
        directory: as ``gaprelm.model.checkpoint.find_checkpoint`` returns it.
        backend: one of ``BACKENDS``; None takes onnx for a directory that was exported, else torch.
        device, dtype: for torch, see ``gaprelm.model.loading.load_model``. With onnx a model runs on the CPU, in fp32.

    Raises:
        CheckpointError: the directory was not exported, or a file in it is damaged.
        ConfigurationError: an argument cannot be used, or torch is needed and not installed.
    """
    if backend not in (None, *BACKENDS):
        raise ConfigurationError(f"backend {backend!r}; expected one of {', '.join(BACKENDS)}")
    exported = is_export(directory)
    if backend == "onnx" and not exported:
        raise CheckpointError(
            f"{directory}: no {EXPORT} there; expected a model that was exported to ONNX\n"
            f"  cure: gaprelm export --model {directory} --to onnx -o OUT, and name OUT"
        )
    if exported and backend != "torch":
        return _onnx(directory, device, dtype)
    require("torch", "transformers")
    from gaprelm.correction.backends.torch_backend import TorchBackend
    from gaprelm.model.loading import load_model

    model, vocabulary = load_model(directory, device, dtype)
    return TorchBackend(model, vocabulary), vocabulary


def _onnx(directory: Path, device: str | None, dtype: Any) -> tuple[Backend, CharacterVocabulary]:
    if device not in (None, "cpu"):
        raise ConfigurationError(
            f"device {device!r}; expected cpu, where exported models run\n  cure: choose the backend torch too"
        )
    if dtype not in (None, "float32"):
        raise ConfigurationError(
            f"dtype {dtype!r}; exported models compute in float32\n  cure: leave it out, or choose backend torch too"
        )
    from gaprelm.correction.backends.onnx_backend import OnnxBackend

    loaded = OnnxBackend(directory)
    return loaded, loaded.vocabulary
