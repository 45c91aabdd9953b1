"""Reads the ``config.json`` of a Gap-ReLM: keys that are known, with values that can be. Nothing here imports torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from gaprelm.errors import CheckpointError, shown
from gaprelm.model.checkpoint import CONFIG, MODEL_TYPE, VOCABULARY, read_document
from gaprelm.model.encoder import check_refused_keys, checked_encoder
from gaprelm.model.settings import ModelSettings
from gaprelm.model.vocabulary import CharacterVocabulary

# Embeddings may have more rows than the vocabulary has tokens: they may be padded to the next multiple of this.
_PADDING = 128


class ModelConfig(NamedTuple):
    """What a ``config.json`` says, and nothing else of it is used.

    settings: of the model. encoder: of its BERT, the keys of ``gaprelm.model.encoder``.
    """

    settings: ModelSettings
    encoder: dict[str, Any]


def read_config(directory: Path) -> ModelConfig:
    """Read and check the ``config.json`` in a directory; keys that are not known are passed over.

    Raises:
        CheckpointError: it is of another kind of model, a value cannot be used, or it asks for other weights than those
            of ``model.safetensors``.
    """
    path = directory / CONFIG
    document = read_document(path)
    if document.get("model_type") != MODEL_TYPE:
        raise CheckpointError(
            f"{path}: found model_type {shown(document.get('model_type'))}; expected {MODEL_TYPE!r}\n"
            "  cure: name a best_stage_c directory"
        )
    check_refused_keys(document, str(path))
    settings = ModelSettings.from_config(document, str(path))
    return ModelConfig(settings, checked_encoder(document.get("encoder"), str(path)))


def read_vocabulary(directory: Path, rows: int) -> CharacterVocabulary:
    """The vocabulary in a directory; the embeddings may have a few more rows than it has tokens.

    Args:
        rows: of the embeddings.

    Raises:
        CheckpointError: the file is damaged, or belongs to other embeddings.
    """
    vocabulary = CharacterVocabulary.from_file(directory / VOCABULARY)
    if not rows - _PADDING < len(vocabulary) <= rows:
        raise CheckpointError(
            f"{directory / VOCABULARY} has {len(vocabulary)} tokens, but the weights {rows}\n"
            f"  cure: use the {VOCABULARY} that belongs to the weights"
        )
    return vocabulary
