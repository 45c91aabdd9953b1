"""Loads a trained model as a backend; torch is imported only for models that it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.correction.backends import BACKENDS
from gaprelm.errors import CheckpointError, ConfigurationError, require
from gaprelm.model.checkpoint import EXPORT, VOCABULARY, is_export
from gaprelm.model.vocabulary import CharacterVocabulary

if TYPE_CHECKING:
    from gaprelm.correction.backends.interface import Backend


def load_backend(
    directory: Path, backend: str | None = None, device: str | None = None, dtype: Any = None
) -> tuple[Backend, CharacterVocabulary]:
    """The model in ``directory``, ready to run, and its vocabulary.

    Args:
        directory: as ``gaprelm.model.checkpoint.find_checkpoint`` returns it.
        backend: one of ``BACKENDS``; None takes the backend that the directory is made for.
        device, dtype: for torch, see ``gaprelm.model.loading.load_model``. An exported model runs on the CPU, in the
            precision in which it was exported.

    Raises:
        CheckpointError: the directory is made for another backend, or a file in it is damaged.
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
    if backend == "torch" and exported:
        raise CheckpointError(
            f"{directory} was exported to ONNX; expected a model for torch\n  cure: name a best_stage_c directory"
        )
    if exported:
        return _onnx(directory, device, dtype)
    require("torch", "transformers")
    from gaprelm.correction.backends.torch_backend import TorchBackend
    from gaprelm.model.loading import load_model

    model, vocabulary = load_model(directory, device, dtype)
    return TorchBackend(model, vocabulary), vocabulary


def _onnx(directory: Path, device: str | None, dtype: Any) -> tuple[Backend, CharacterVocabulary]:
    if device not in (None, "cpu"):
        raise ConfigurationError(f"device {device!r}; expected cpu, because exported models run on the CPU")
    if dtype not in (None, "float32"):
        raise ConfigurationError(
            f"dtype {dtype!r}; an exported model keeps the precision of the export\n  cure: leave dtype out"
        )
    from gaprelm.correction.backends.onnx_backend import OnnxBackend

    return OnnxBackend(directory), CharacterVocabulary.from_file(directory / VOCABULARY)
