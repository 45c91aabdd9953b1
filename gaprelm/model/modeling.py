"""The model: a BERT encoder, a planner that decides where to edit, and an infiller that predicts the new characters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM, BertModel, PreTrainedModel
from transformers.models.bert.modeling_bert import BertOnlyMLMHead
from transformers.utils.generic import ModelOutput

from gaprelm.counts.model import CountModel
from gaprelm.edits.labels import NUM_OPERATIONS, REPLACE
from gaprelm.model.checkpoint import COUNTS, WEIGHTS, share_weights_file
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.counted import FAINT, Candidates, Counted, CountedBase, rows_of, source_places
from gaprelm.model.encoder import largest_weights
from gaprelm.model.weights import read_weights

# Log-probabilities are clamped to this: closer to 0, rounding would lose the odds of the opposite.
_SUREST = -1e-6
# Of the weights of a small random encoder, times the square root of its width. BERT's 0.02 is made for a width of 768;
# narrow encoders learn faster from larger weights, but wide ones not from weights that were made for a width of 128.
_TINY_INITIAL_GAIN = 0.68


@dataclass
class GapReLMOutput(ModelOutput):
    """The output of a forward pass, with s source tokens, m masks in the whole batch, v tokens in the vocabulary.

    operation_logits: (batch, s, 3) for KEEP, DELETE and REPLACE; used at x_1…x_n.
    insert_logits: (batch, s, max_insert_num + 1) for the number of characters missing after each token; used at [CLS]
        and x_1…x_n.
    infill_logits: (m, v), one row per [MASK], in the order of ``mask_index``.
    tag_log_probabilities: (batch, s), the log-probability of each tag, if ``enable_tagging`` is on and ``tags`` are
        given; to be ignored where the tag is below 0.
    """

    operation_logits: Tensor | None = None
    insert_logits: Tensor | None = None
    infill_logits: Tensor | None = None
    tag_log_probabilities: Tensor | None = None


class _Source(NamedTuple):
    """The source half of a batch: ``ids`` and ``mask`` (batch, s), ``embedded`` (batch, s, hidden), and the counts."""

    ids: Tensor
    embedded: Tensor
    mask: Tensor
    counted: Counted | None


class GapReLMModel(PreTrainedModel):
    """Gap-ReLM: ReLM (Liu et al., AAAI 2024) with gaps, so that it also inserts and deletes.

    ``from_bert`` makes one from a masked language model, whose MLM head becomes the infiller's head.

    counts: with ``enable_counts`` the counted model, which is saved and loaded with the weights. It makes the counted
        inputs of ``forward`` (``gaprelm.model.counted_inputs``).
    """

    counts: CountModel | None = None

    config_class = GapReLMConfig
    base_model_prefix = "gaprelm"
    _supports_sdpa = True
    _tied_weights_keys: ClassVar[dict[str, str]] = {
        "infiller_head.predictions.decoder.weight": "encoder.embeddings.word_embeddings.weight",
        "infiller_head.predictions.decoder.bias": "infiller_head.predictions.bias",
    }

    def __init__(self, config: GapReLMConfig) -> None:
        super().__init__(config)
        bert = config.bert
        self.encoder = BertModel(bert, add_pooling_layer=False)
        self.infiller_head = BertOnlyMLMHead(bert)
        # Without it the masks of one gap would look identical to each other and to a replacement at that position.
        self.slot_embedding = nn.Embedding(config.max_insert_num + 1, bert.hidden_size, padding_idx=0)
        self.dropout = nn.Dropout(bert.hidden_dropout_prob)
        self.operation_head = nn.Linear(bert.hidden_size, NUM_OPERATIONS)
        self.insert_head = nn.Linear(bert.hidden_size, config.max_insert_num + 1)
        self.counted = CountedBase(bert.hidden_size) if config.enable_counts else None
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Initialise the parts that BERT does not have in the way BERT does."""
        std = self.config.bert.initializer_range
        if isinstance(module, CountedBase):
            module.reset(std)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=std)
            if module.padding_idx is not None:
                with torch.no_grad():
                    module.weight[module.padding_idx].zero_()
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)

    @classmethod
    def from_bert(cls, bert: BertForMaskedLM, config: GapReLMConfig) -> GapReLMModel:
        """A model with the encoder and the MLM head of ``bert``; planner heads and slots start random, slot 0 as 0."""
        model = cls(config)
        model.encoder.load_state_dict(bert.bert.state_dict())
        model.infiller_head.load_state_dict(bert.cls.state_dict())
        model.tie_weights()
        return model

    def start_from_counts(self) -> None:
        """Make counting the first guess; for models whose weights are random."""
        assert self.counted is not None, "the configuration has enable_counts"
        norm = self.infiller_head.predictions.transform.LayerNorm
        self.counted.start_from_counts(self.operation_head, self.insert_head, norm)

    def speak_up(self) -> None:
        """Undo what ``start_from_counts`` did to the infiller's head, for training without counts."""
        weight = self.infiller_head.predictions.transform.LayerNorm.weight
        if bool((weight == FAINT).all()):
            nn.init.ones_(weight)

    @classmethod
    def from_pretrained(cls, directory: Any, *args: Any, **kwargs: Any) -> Any:
        """Load what ``save_pretrained`` or an export wrote, in evaluation mode.

        transformers' own loader is not used: a ``config.json`` can make it read other files, and run what they hold.

        Args:
            kwargs: ``dtype`` of the weights, a torch type (default: float32), and fields of ``ModelSettings``, instead
                of those in config.json.

        Raises:
            CheckpointError: a file is damaged, or the files do not belong together.
            OSError: a file cannot be opened.
        """
        directory, dtype = Path(directory), kwargs.pop("dtype", torch.float32)
        config = GapReLMConfig.from_pretrained(directory, *args, **kwargs)
        with torch.device("meta"):
            model = cls(config)
        shapes = {name: weight.shape for name, weight in model.state_dict().items()}
        most = largest_weights(config.encoder)
        weights = read_weights(directory / WEIGHTS, shapes, model.all_tied_weights_keys, most, dtype)
        model.load_state_dict(weights, assign=True)
        model.tie_weights()
        # No file holds these two.
        places = torch.arange(config.bert.max_position_embeddings)[None]
        model.encoder.embeddings.position_ids = nn.Buffer(places, persistent=False)
        model.encoder.embeddings.token_type_ids = nn.Buffer(torch.zeros_like(places), persistent=False)
        if config.enable_counts and (directory / COUNTS).is_file():
            model.counts = CountModel.load(directory / COUNTS)
        return model.eval()

    def save_pretrained(self, directory: Any, *args: Any, **kwargs: Any) -> None:
        """Write config.json and the weights, and the counts beside them."""
        super().save_pretrained(directory, *args, **kwargs)
        share_weights_file(Path(directory))
        if self.counts is not None:
            self.counts.save(Path(directory) / COUNTS)

    def get_input_embeddings(self) -> nn.Embedding:
        return self.encoder.embeddings.word_embeddings

    def set_input_embeddings(self, value: nn.Embedding) -> None:
        self.encoder.embeddings.word_embeddings = value

    def get_output_embeddings(self) -> nn.Module:
        return self.infiller_head.predictions.decoder

    def forward(
        self,
        source_ids: Tensor,
        source_mask: Tensor,
        template_ids: Tensor | None = None,
        template_positions: Tensor | None = None,
        template_slots: Tensor | None = None,
        template_mask: Tensor | None = None,
        mask_index: Tensor | None = None,
        tags: Tensor | None = None,
        plans: bool = True,
        **counted_inputs: Tensor,
    ) -> GapReLMOutput:
        """Run the planner unless ``plans`` is False, and the infiller if a template is given.

        Args:
            source_ids: (batch, s) [CLS] x_1…x_n [SEP], padded.
            source_mask: (batch, s) bool, True for tokens.
            template_ids, template_positions, template_slots: (batch, t) the template half, padded.
            template_mask: (batch, t) bool.
            mask_index: (m,) places of the [MASK]s in the template half, row * t + column.
            tags: (batch, s) id of the right character for each source token, any number below 0 where there is none.
            counted_inputs: what counting says (``gaprelm.model.counted_inputs.SHAPES``), with ``enable_counts``;
                without any, the network says all by itself.
        """
        counted = Counted(**counted_inputs) if self.counted is not None and counted_inputs else None
        read = _Source(source_ids, self._embedded(source_ids, counted), source_mask, counted)
        if template_ids is None:
            states = self._encode_source(read)
            operations, inserts, likely = self._plan(states, read, tags, self._candidates(states, counted))
            return GapReLMOutput(operations, inserts, None, likely)
        assert template_positions is not None, "a template comes with its positions, its mask and its mask_index"
        assert template_slots is not None
        assert template_mask is not None
        assert mask_index is not None
        length = source_ids.shape[1]
        template = self.get_input_embeddings()(template_ids) + self.slot_embedding(template_slots)
        states = self._encode_both(read, template, template_positions, template_mask)
        planner_states = self._encode_source(read) if self.config.encoder_passes == 2 else states[:, :length]
        template_states = states[:, length:].reshape(-1, states.shape[-1])[mask_index]
        if self.config.enable_tagging:
            template_states = template_states + own_states(states[:, :length], template_positions, mask_index)
        candidates = self._candidates(planner_states, counted)
        operations, inserts, likely = None, None, None
        if plans:
            operations, inserts, likely = self._plan(planner_states, read, tags, candidates)
        infilled = self.infiller_head(template_states)
        if self.counted is not None and candidates is not None:
            if counted is not None and self.config.encoder_passes == 2:
                candidates = self.counted.candidates(counted, states[:, :length])
            places = (template_positions, template_slots, mask_index)
            infilled = self.counted.template_logits(infilled, candidates, *places)
        return GapReLMOutput(operations, inserts, infilled, likely)

    def _embedded(self, source_ids: Tensor, counted: Counted | None) -> Tensor:
        embedded = self.get_input_embeddings()(source_ids)
        if self.counted is None or counted is None:
            return embedded
        return embedded + self.counted.seen(counted, self.get_input_embeddings())

    def _candidates(self, states: Tensor, counted: Counted | None) -> Candidates | None:
        return self.counted.candidates(counted, states) if self.counted is not None and counted is not None else None

    def _plan(
        self, states: Tensor, read: _Source, tags: Tensor | None, candidates: Candidates | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        dropped = self.dropout(states)
        operations, inserts = self.operation_head(dropped), self.insert_head(dropped)
        # One gather for own character and tag: the gradient of each gather is as large as the logits.
        classes = [read.ids] if tags is None else [read.ids, tags.clamp(min=0)]
        if self.counted is None or read.counted is None or candidates is None:
            if not self.config.enable_tagging:
                return operations, inserts, None
            logits = self.infiller_head(states).float()
        else:
            operations, inserts = self.counted.plan(operations, inserts, read.counted, candidates, states)
            if not self.config.enable_tagging:
                return self.counted.replace_odds(operations, candidates), inserts, None
            head, rows = self.infiller_head.predictions, self.get_input_embeddings()
            logits = self.counted.source_logits(head.transform(states), read.ids, candidates, rows, head.bias)
            classes = [self.counted.source_classes(each, read.ids, candidates) for each in classes]
        own, *likely = logits.log_softmax(-1).gather(-1, torch.stack(classes, -1)).unbind(-1)
        return with_tagging(operations, own), inserts, likely[0] if likely else None

    def _encode_source(self, read: _Source) -> Tensor:
        batch, length = read.ids.shape
        positions = torch.arange(length, device=read.ids.device).expand(batch, -1)
        attention = read.mask[:, None, None, :].expand(-1, 1, length, -1)
        return self.encoder(
            inputs_embeds=read.embedded, position_ids=positions, attention_mask=attention
        ).last_hidden_state

    def _encode_both(
        self, read: _Source, template: Tensor, template_positions: Tensor, template_mask: Tensor
    ) -> Tensor:
        """(batch, s + t, hidden) states of source and template, from their embeddings."""
        source, width = read.embedded, read.embedded.shape[1]
        source_positions = torch.arange(width, device=source.device).expand(source.shape[:2])
        positions = torch.cat([source_positions, template_positions], dim=1)
        types = (torch.arange(positions.shape[1], device=source.device) >= width).long()
        return self.encoder(
            inputs_embeds=torch.cat([source, template], dim=1),
            position_ids=positions,
            token_type_ids=types.expand_as(positions),
            attention_mask=self._attention(read.mask, template_mask),
        ).last_hidden_state

    def _attention(self, source_mask: Tensor, template_mask: Tensor) -> Tensor:
        """(batch, 1, s + t, s + t) bool, True = attend. With one pass, source tokens attend to the source only."""
        both = torch.cat([source_mask, template_mask], dim=1)
        length = source_mask.shape[1]
        rows = both[:, None, :].repeat(1, both.shape[1], 1)
        if self.config.encoder_passes == 1:
            rows[:, :length, length:] = False
        return rows[:, None]


def own_states(source_states: Tensor, template_positions: Tensor, mask_index: Tensor) -> Tensor:
    """(m, hidden) the state of the source token at the position of each mask.

    Args:
        source_states: (batch, s, hidden).
        template_positions: (batch, t).
        mask_index: (m,) row * t + column.
    """
    places = source_places(mask_index, template_positions, source_states.shape[1])
    return rows_of(source_states.flatten(0, 1), places)


def with_tagging(operation_logits: Tensor, own_log_probabilities: Tensor) -> Tensor:
    """Logits of the operations; the log-odds that another character is right are added to the logit of REPLACE.

    The linear head alone would have to learn from labels which characters are suspicious in which context; the head of
    a masked language model has learned this from millions of sentences (docs/design/notes.md).

    Args:
        operation_logits: (batch, s, 3).
        own_log_probabilities: (batch, s) log-probability that the source's own character is right.
    """
    own = own_log_probabilities.clamp(max=_SUREST)
    odds = torch.log(-torch.expm1(own)) - own
    return operation_logits.float() + functional.pad(odds[..., None], (REPLACE, NUM_OPERATIONS - 1 - REPLACE))


def tiny_bert(vocab_size: int, *, layers: int, hidden_size: int, heads: int, max_seq_length: int) -> BertConfig:
    """Configuration of a small encoder with random weights, for CPUs and tests."""
    return BertConfig(
        vocab_size=vocab_size,
        num_hidden_layers=layers,
        hidden_size=hidden_size,
        num_attention_heads=heads,
        intermediate_size=4 * hidden_size,
        max_position_embeddings=max(128, max_seq_length),
        initializer_range=_TINY_INITIAL_GAIN / math.sqrt(hidden_size),
        pad_token_id=0,
    )


def set_sinusoidal_positions(bert: BertForMaskedLM) -> None:
    """Initialise the position embeddings as sinusoids (Vaswani et al. 2017), as large as the other embeddings.

    With random ones a tiny model would first have to learn which characters are neighbours.
    """
    weight = bert.bert.embeddings.position_embeddings.weight
    places, size = weight.shape
    frequencies = torch.exp(torch.arange(0, size, 2) * (-math.log(10_000.0) / size))
    angles = torch.arange(places)[:, None] * frequencies
    with torch.no_grad():
        weight[:, 0::2] = angles.sin() * bert.config.initializer_range
        weight[:, 1::2] = angles.cos() * bert.config.initializer_range
