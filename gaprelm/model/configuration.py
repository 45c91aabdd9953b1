"""Configuration of a Gap-ReLM checkpoint: all that ``from_pretrained`` needs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from transformers import BertConfig, PretrainedConfig

from gaprelm.model.checkpoint import MODEL_TYPE
from gaprelm.model.config_file import read_config
from gaprelm.model.encoder import checked_encoder
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

    model_type = MODEL_TYPE

    def __init__(self, encoder: dict[str, Any] | None = None, **kwargs: Any) -> None:
        check_retired_keys(kwargs, "config.json")
        own = {key: kwargs.pop(key) for key in MODEL_KEYS if key in kwargs}
        self.encoder = encoder or {}
        for key, value in asdict(ModelSettings(**own)).items():
            setattr(self, key, value)
        # The infiller's head is tied to the embeddings, as in BERT.
        kwargs.setdefault("tie_word_embeddings", True)
        super().__init__(**{key: value for key, value in kwargs.items() if key not in RETIRED_KEYS})

    @classmethod
    def from_pretrained(cls, directory: Any, *args: Any, **switches: Any) -> Any:
        """Read the ``config.json`` in a directory; what it holds beside the known keys is not used.

        Args:
            switches: fields of ``ModelSettings``, instead of those in the file.

        Raises:
            CheckpointError: as ``gaprelm.model.config_file.read_config``.
        """
        if args or not switches.keys() <= set(MODEL_KEYS):
            raise TypeError(f"found {args or sorted(switches)}; expected a directory, and fields of ModelSettings")
        settings, encoder = read_config(Path(directory))
        return cls(encoder=encoder, **asdict(settings) | switches)

    @property
    def settings(self) -> ModelSettings:
        """The current settings as one object."""
        return ModelSettings(**{key: getattr(self, key) for key in MODEL_KEYS})

    @property
    def bert(self) -> BertConfig:
        """The encoder's own configuration.

        Raises:
            CheckpointError: it has a key or a value that is not used.
        """
        return BertConfig(**checked_encoder(self.encoder, "encoder"))
