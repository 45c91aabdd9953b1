"""Configuration of a Gap-ReLM checkpoint: all that ``from_pretrained`` needs."""

from __future__ import annotations

from typing import Any

from transformers import BertConfig, PretrainedConfig

from gaprelm.model.retired import RETIRED_KEYS, check_retired_keys


class GapReLMConfig(PretrainedConfig):
    """Shape and switches of a Gap-ReLM.

    Args:
        encoder: the ``BertConfig`` of the encoder, as a dictionary (default: an empty one, BERT base).
        max_insert_num: most characters that can be inserted in one gap; the insert head has one class more.
        max_seq_length: longest [CLS] source [SEP] in tokens; longer texts are split by the Corrector.
        encoder_passes: 1 (template rows attend to everything, source rows to the source only) or
            2 (planner and infiller each with full attention, as in ReLM).
        template: ``sparse``, ``full`` or ``masks``, see ``gaprelm.edits.template``.
        enable_insert, enable_delete: whether the planner may insert, delete.
        enable_gap: False is plain ReLM: no planner, every character is masked and written anew.
        enable_tagging: the infiller's head reads the source too: planner and infiller know which character it expects.
        proposal_threshold: the planner's probability from which an edit is proposed to the infiller.

    Raises:
        CheckpointError: the configuration needs a switch that has gone.
    """

    model_type = "gaprelm"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        max_insert_num: int = 3,
        max_seq_length: int = 128,
        encoder_passes: int = 1,
        template: str = "sparse",
        enable_insert: bool = True,
        enable_delete: bool = True,
        enable_gap: bool = True,
        enable_tagging: bool = False,
        proposal_threshold: float = 0.2,
        **kwargs: Any,
    ) -> None:
        check_retired_keys(kwargs, "config.json")
        kwargs = {key: value for key, value in kwargs.items() if key not in RETIRED_KEYS}
        self.encoder = encoder or {}
        self.max_insert_num = max_insert_num
        self.max_seq_length = max_seq_length
        self.encoder_passes = encoder_passes
        self.template = template
        self.enable_insert = enable_insert
        self.enable_delete = enable_delete
        self.enable_gap = enable_gap
        # Plain ReLM has no planner to tell.
        self.enable_tagging = enable_tagging and enable_gap
        self.proposal_threshold = proposal_threshold
        # The infiller's head is tied to the embeddings, as in BERT.
        kwargs.setdefault("tie_word_embeddings", True)
        super().__init__(**kwargs)

    @property
    def bert(self) -> BertConfig:
        """The encoder's own configuration."""
        return BertConfig(**self.encoder)
