"""Taggers: one label per character, from one pass over the source.

``tagging``: the label is the right character. The model is a BERT with its MLM head, as in MacBERT4CSC (pycorrector)
and the fine-tuned BERT of the spelling papers. It only replaces.
``gector``: the label is KEEP, DELETE, REPLACE by a character, or APPEND a character, as in GECToR (Omelianchuk et al.,
BEA 2020), but with the whole vocabulary instead of the 5,000 most common edits, and with one round of correction.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, cat, nn
from transformers import BertConfig, BertForMaskedLM, BertModel, PreTrainedConfig, PreTrainedModel
from transformers.models.bert.modeling_bert import BertOnlyMLMHead, BertPredictionHeadTransform

from gaprelm.model.checkpoint import share_weights_file
from gaprelm.studies.baselines import GECTOR, TAGGING

# Labels of ``gector``: these two, then REPLACE by each token of the vocabulary, then APPEND each token.
KEEP_LABEL, DELETE_LABEL, FIRST_REPLACE = 0, 1, 2
# Checkpoints of version 0.1.0 have these names for the architectures.
_SCHEMES = {"characters": TAGGING, "edits": GECTOR}


class TaggingConfig(PreTrainedConfig):
    """Configuration of a ``TaggingModel``.

    Args:
        encoder: the encoder's own configuration, as of ``BertConfig.to_diff_dict``.
        architecture: ``TAGGING`` or ``GECTOR``.
        max_insert_num, max_seq_length: limits of the training pairs, as for a Gap-ReLM.
        proposal_threshold: an edit is proposed if its probability is at least this.
    """

    model_type = "gaprelm_tagging"

    def __init__(
        self,
        encoder: dict[str, Any] | None = None,
        architecture: str = TAGGING,
        max_insert_num: int = 3,
        max_seq_length: int = 128,
        proposal_threshold: float = 0.2,
        **kwargs: Any,
    ) -> None:
        if "scheme" in kwargs:
            architecture = _SCHEMES[kwargs.pop("scheme")]
        self.encoder, self.architecture = encoder or {}, architecture
        self.max_insert_num, self.max_seq_length = max_insert_num, max_seq_length
        self.proposal_threshold = proposal_threshold
        # The types of edits that have labels, under the names of a Gap-ReLM's switches.
        self.enable_gap = self.enable_insert = self.enable_delete = architecture == GECTOR
        kwargs.setdefault("tie_word_embeddings", True)
        super().__init__(**kwargs)

    @property
    def bert(self) -> BertConfig:
        """The encoder's own configuration."""
        return BertConfig(**self.encoder)


class TaggingModel(PreTrainedModel):
    """A BERT encoder with a label for [CLS] (what to append at the start) and for each character."""

    config_class = TaggingConfig
    base_model_prefix = "tagging"
    _supports_sdpa = True
    _tied_weights_keys: ClassVar[dict[str, str]] = {
        "head.predictions.decoder.weight": "encoder.embeddings.word_embeddings.weight",
        "head.predictions.decoder.bias": "head.predictions.bias",
    }

    def __init__(self, config: TaggingConfig) -> None:
        super().__init__(config)
        bert = config.bert
        self.encoder = BertModel(bert, add_pooling_layer=False)
        self.head = BertOnlyMLMHead(bert)
        if config.architecture == GECTOR:
            self.append_transform = BertPredictionHeadTransform(bert)
            self.append_bias = nn.Parameter(self.head.predictions.bias.new_zeros(bert.vocab_size))
            self.keep_delete = nn.Linear(bert.hidden_size, FIRST_REPLACE)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        std = self.config.bert.initializer_range
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=std)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    @classmethod
    def from_bert(cls, bert: BertForMaskedLM, config: TaggingConfig) -> TaggingModel:
        """A tagger with the encoder and the MLM head of ``bert``."""
        model = cls(config)
        model.encoder.load_state_dict(bert.bert.state_dict())
        model.head.load_state_dict(bert.cls.state_dict())
        model.tie_weights()
        return model

    def save_pretrained(self, directory: Any, *args: Any, **kwargs: Any) -> None:
        """Write config.json and the weights."""
        super().save_pretrained(directory, *args, **kwargs)
        share_weights_file(Path(directory))

    def get_input_embeddings(self) -> nn.Module:
        return self.encoder.embeddings.word_embeddings

    def get_output_embeddings(self) -> nn.Module:
        return self.head.predictions.decoder

    def forward(self, source_ids: Tensor, source_mask: Tensor) -> Tensor:
        """(tokens, labels) logits of the tokens of ``source_mask``, row by row.

        Args:
            source_ids: (batch, s) [CLS] x_1…x_n [SEP], padded.
            source_mask: (batch, s) bool, True for tokens.
        """
        attention = source_mask[:, None, None, :].expand(-1, 1, source_ids.shape[1], -1)
        states = self.encoder(input_ids=source_ids, attention_mask=attention).last_hidden_state[source_mask]
        replace = self.head(states)
        if self.config.architecture == TAGGING:
            return replace
        append = self.append_transform(states) @ self.get_input_embeddings().weight.T + self.append_bias
        return cat([self.keep_delete(states), replace, append], dim=-1)
