"""Planner and infiller of a Gap-ReLM for inference alone. They give what ``GapReLMModel`` gives, in less time:

* With ``encoder_passes: 1`` the source does not attend to the template, so its states are those that the planner has
  computed. The infiller takes the source's keys and values of every layer from there, and only the template goes
  through the encoder.
* The vocabulary projection knows only the tokens that may be emitted. For the planner of ``enable_tagging`` it knows
  all.
* Queries, keys and values come from one product. Dropout, captured outputs and autograd are gone.

A network is made from the weights as they are. After more training, make a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from gaprelm.model.counted import Counted
from gaprelm.model.modeling import GapReLMModel, own_states, with_tagging

if TYPE_CHECKING:
    from transformers.models.bert.modeling_bert import BertLayer

LinearFactory = Callable[[Tensor, Tensor, nn.Module | None], nn.Module]
EmbeddingFactory = Callable[[nn.Embedding], nn.Module]


class Memory(NamedTuple):
    """The source as read: ``keys_values`` (2, b, heads, s, size) a layer, and its last ``states`` (b, s, hidden)."""

    keys_values: list[Tensor]
    states: Tensor

    def of(self, rows: Tensor) -> Memory:
        """The memory of the sentences ``rows`` of the batch."""
        return Memory([part[:, rows] for part in self.keys_values], self.states[rows])


def plain_linear(weight: Tensor, bias: Tensor, activation: nn.Module | None = None) -> nn.Module:
    """A linear layer with the given weight (out, in) and bias (out,), and the activation after it."""
    linear = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    linear.weight, linear.bias = (nn.Parameter(part.detach(), requires_grad=False) for part in (weight, bias))
    return nn.Sequential(linear, activation) if activation else linear


class InferenceLayer(nn.Module):
    """A layer of BERT."""

    def __init__(self, layer: BertLayer, linear: LinearFactory) -> None:
        super().__init__()
        attention = layer.attention.self
        parts = (attention.query, attention.key, attention.value)
        self.heads = attention.num_attention_heads
        self.joint = linear(torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts]), None)
        mixed, wide, narrow = layer.attention.output, layer.intermediate, layer.output
        self.mixed, self.mixed_norm = linear(mixed.dense.weight, mixed.dense.bias, None), mixed.LayerNorm
        self.wide = linear(wide.dense.weight, wide.dense.bias, wide.intermediate_act_fn)
        self.narrow, self.narrow_norm = linear(narrow.dense.weight, narrow.dense.bias, None), narrow.LayerNorm

    def forward(self, states: Tensor, mask: Tensor | None, before: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """States of t tokens that attend to themselves and to p tokens before them.

        Args:
            states: (b, t, hidden).
            mask: bool, broadcasts to (b, heads, t, p + t), True = attend; None attends to all.
            before: (2, b, heads, p, size) keys and values.

        Returns:
            (b, t, hidden), and the keys and values of the t tokens, (2, b, heads, t, size).
        """
        batch, length, hidden = states.shape
        joint = self.joint(states).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        query, own = joint[0], joint[1:]
        key, value = own if before is None else torch.cat([before, own], dim=3)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        states = self.mixed_norm(self.mixed(mixed.transpose(1, 2).reshape(batch, length, hidden)) + states)
        return self.narrow_norm(self.narrow(self.wide(states)) + states), own


class InferenceNetwork(nn.Module):
    """Encoder, planner heads and infiller head of a model.

    Args:
        model: its weights are used.
        emittable: (vocabulary size,) bool, the tokens that may be written.
        linear: makes a linear layer from a weight, a bias and an activation.
        embedding: makes the embedding of tokens from that of the model; None takes it as it is.
    """

    tokens: Tensor

    def __init__(
        self,
        model: GapReLMModel,
        emittable: np.ndarray,
        linear: LinearFactory = plain_linear,
        embedding: EmbeddingFactory | None = None,
    ) -> None:
        super().__init__()
        self.two_passes = model.config.encoder_passes == 2
        self.embeddings, self.slots = model.encoder.embeddings, model.slot_embedding
        words = model.get_input_embeddings()
        self.words = embedding(words) if embedding else words
        # A ModuleList does not say of which class its modules are.
        layers = cast("Sequence[BertLayer]", model.encoder.encoder.layer)
        self.layers = nn.ModuleList(InferenceLayer(layer, linear) for layer in layers)
        self.operation_head, self.insert_head = model.operation_head, model.insert_head
        head, transform = model.infiller_head.predictions, model.infiller_head.predictions.transform
        self.transform = linear(transform.dense.weight, transform.dense.bias, transform.transform_act_fn)
        self.transform_norm = transform.LayerNorm
        tokens = torch.from_numpy(np.flatnonzero(emittable)).to(model.device)
        self.register_buffer("tokens", tokens)
        self.tagging, self.counted = model.config.enable_tagging, model.counted
        weight, self.bias = head.decoder.weight, head.decoder.bias
        # Planners with tagging and the candidates of counting need the logits of all tokens.
        self.needs_all = self.tagging or self.counted is not None
        self.project = linear(*((weight, self.bias) if self.needs_all else (weight[tokens], self.bias[tokens])), None)

    def plan(self, ids: Tensor, mask: Tensor | None, counted: Counted | None) -> tuple[Tensor, Tensor, Memory]:
        """Probabilities of operations (b, s, 3) and of insert counts (b, s, max_insert_num + 1); the source as read.

        Args:
            ids: (b, s) the source half.
            mask: (b, s) bool; None where nothing is padded.
            counted: for models with ``enable_counts``.
        """
        memory = self.read(ids, mask, counted)
        operations, inserts = self.operation_head(memory.states).float(), self.insert_head(memory.states).float()
        if self.counted is not None and counted is not None:
            operations, inserts = self._with_counts(operations, inserts, ids, counted, memory.states)
        elif self.tagging:
            logits = self._vocabulary(memory.states)
            own = logits.gather(-1, ids[..., None])[..., 0] - logits.logsumexp(-1)
            operations = with_tagging(operations, own)
        return operations.softmax(-1), inserts.softmax(-1), memory

    def _with_counts(
        self, operations: Tensor, inserts: Tensor, ids: Tensor, counted: Counted, states: Tensor
    ) -> tuple[Tensor, Tensor]:
        assert self.counted is not None
        candidates = self.counted.candidates(counted, states)
        operations, inserts = self.counted.plan(operations, inserts, counted, candidates, states)
        if not self.tagging:
            return self.counted.replace_odds(operations, candidates), inserts
        states = self.transform_norm(self.transform(states))
        logits = self.counted.source_logits(states, ids, candidates, self.words, self.bias)
        return with_tagging(operations, logits.log_softmax(-1)[..., 0]), inserts

    def read(self, ids: Tensor, mask: Tensor | None, counted: Counted | None) -> Memory:
        """Read the source: what the infiller needs of it."""
        states, keys_values = self._embed_source(ids, counted), []
        attend = None if mask is None else mask[:, None, None]
        for layer in self.layers:
            states, own = layer(states, attend)
            keys_values.append(own)
        return Memory(keys_values, states)

    def fill(
        self,
        source_mask: Tensor,
        template_ids: Tensor,
        template_positions: Tensor,
        template_slots: Tensor,
        template_mask: Tensor,
        mask_index: Tensor,
        memory: Memory | None = None,
        source_ids: Tensor | None = None,
        counted: Counted | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The likeliest token of each mask and its probability, (m,) int64 and (m,) float32.

        Args:
            source_mask: (b, s) bool.
            template_ids, template_positions, template_slots, template_mask: (b, t).
            mask_index: (m,) places of the masks to write, row * t + column.
            memory: the source as read (one pass).
            source_ids: (b, s), needed for two passes.
            counted: for models with ``enable_counts``.
        """
        states = self._embed_template(template_ids, template_positions, template_slots)
        attend = torch.cat([source_mask, template_mask], dim=1)[:, None, None]
        known: Sequence[Tensor | None]
        if self.two_passes:
            assert source_ids is not None, "two passes read the source anew"
            states = torch.cat([self._embed_source(source_ids, counted), states], dim=1)
            known = [None] * len(self.layers)
        else:
            assert memory is not None, "one pass takes the source as read"
            known = memory.keys_values
        for layer, before in zip(self.layers, known, strict=True):
            states, _ = layer(states, attend, before)
        written = states[:, -template_ids.shape[1] :].flatten(0, 1)[mask_index]
        source_states = states[:, : source_mask.shape[1]] if memory is None else memory.states
        if self.tagging:
            written = written + own_states(source_states, template_positions, mask_index)
        logits = self._vocabulary(written)
        if self.counted is not None and counted is not None:
            candidates = self.counted.candidates(counted, source_states)
            logits = self.counted.template_logits(logits, candidates, template_positions, template_slots, mask_index)
        return self._best(logits)

    def _best(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        if self.needs_all:
            logits = logits[:, self.tokens]
        best, places = logits.max(-1)
        return self.tokens[places], (best - logits.logsumexp(-1)).exp().clamp(max=1.0)

    def _vocabulary(self, states: Tensor) -> Tensor:
        return self.project(self.transform_norm(self.transform(states))).float()

    def _embed_source(self, ids: Tensor, counted: Counted | None) -> Tensor:
        parts = self.embeddings
        position = parts.position_embeddings.weight[: ids.shape[1]] + parts.token_type_embeddings.weight[0]
        embedded = self.words(ids)
        if self.counted is not None and counted is not None:
            embedded = embedded + self.counted.seen(counted, self.words)
        return parts.LayerNorm(embedded + position)

    def _embed_template(self, ids: Tensor, positions: Tensor, slots: Tensor) -> Tensor:
        parts = self.embeddings
        position = parts.position_embeddings(positions) + parts.token_type_embeddings.weight[1]
        return parts.LayerNorm(self.words(ids) + self.slots(slots) + position)
