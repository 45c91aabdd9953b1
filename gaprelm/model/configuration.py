"""Configuration of a Gap-ReLM checkpoint: all that ``from_pretrained`` needs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from transformers import BertConfig, PretrainedConfig

from gaprelm.model.retired import RETIRED_KEYS, check_retired_keys
from gaprelm.model.settings import MODEL_KEYS, ModelSettings


class GapReLMConfig(PretrainedConfig):
    """Shape and switches of a Gap-ReLM; each setting is an attribute of its own, as in ``config.json``.

    Args:
        encoder: the ``BertConfig`` of the encoder, as a dictionary (default: an empty one, BERT base).
        kwargs: the fields of ``ModelSettings``, with its defaults, and what every ``PretrainedConfig`` takes.

    Raises:
        CheckpointError: a switch is on that no longer exists.
    """

    model_type = "gaprelm"

    def __init__(self, encoder: dict[str, Any] | None = None, **kwargs: Any) -> None:
        check_retired_keys(kwargs, "config.json")
        own = {key: kwargs.pop(key) for key in MODEL_KEYS if key in kwargs}
        self.encoder = encoder or {}
        for key, value in asdict(ModelSettings(**own)).items():
            setattr(self, key, value)
        # The infiller's head is tied to the embeddings, as in BERT.
        kwargs.setdefault("tie_word_embeddings", True)
        super().__init__(**{key: value for key, value in kwargs.items() if key not in RETIRED_KEYS})

    @property
    def settings(self) -> ModelSettings:
        """The current settings as one object."""
        return ModelSettings(**{key: getattr(self, key) for key in MODEL_KEYS})

    @property
    def bert(self) -> BertConfig:
        """The encoder's own configuration."""
        return BertConfig(**self.encoder)
