"""The two parts of a Gap-ReLM for inference alone, equal to ``GapReLMModel`` in what they give.

* Where template tokens attend to the source but not the reverse (``encoder_passes: 1``), the states of the source are
  the planner's. The infiller then takes the source's keys and values of every layer as they are, and only the template
  goes through the encoder.
* The vocabulary projection knows only the tokens that may be emitted, and "nothing" where the model was taught to say
  it: it is never written, but takes its share of the probability.
* Queries, keys and values come from one product; nothing of dropout, output capturing or autograd is left.

A network is made from the weights as they are: of a model that is trained on, make a new one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from gaprelm.modeling_gaprelm import GapReLMModel

LinearFactory = Callable[[Tensor, Tensor, nn.Module | None], nn.Module]
KeysValues = list[Tensor]


def plain_linear(weight: Tensor, bias: Tensor, activation: nn.Module | None = None) -> nn.Module:
    """A product with a weight (out, in) and a bias (out,), and the activation after it."""
    linear = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    linear.weight, linear.bias = (nn.Parameter(part.detach(), requires_grad=False) for part in (weight, bias))
    return nn.Sequential(linear, activation) if activation else linear


class InferenceLayer(nn.Module):
    """A layer of BERT."""

    def __init__(self, layer: nn.Module, linear: LinearFactory) -> None:
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
        model: whose weights to take.
        emittable: (vocabulary size,) bool, the tokens that may be written.
        linear: makes a product from weight and bias.
    """

    def __init__(self, model: GapReLMModel, emittable: np.ndarray, linear: LinearFactory = plain_linear) -> None:
        super().__init__()
        self.two_passes = model.config.encoder_passes == 2
        self.embeddings, self.slots = model.encoder.embeddings, model.slot_embedding
        self.operations = model.operation_embedding if model.config.operation_embedding else None
        self.layers = nn.ModuleList(InferenceLayer(layer, linear) for layer in model.encoder.encoder.layer)
        self.operation_head, self.insert_head = model.operation_head, model.insert_head
        head, transform = model.infiller_head.predictions, model.infiller_head.predictions.transform
        self.transform = linear(transform.dense.weight, transform.dense.bias, transform.transform_act_fn)
        self.transform_norm = transform.LayerNorm
        tokens = torch.from_numpy(np.flatnonzero(emittable)).to(model.device)
        self.register_buffer("tokens", tokens)
        if model.config.aux_gap_prob:
            tokens = torch.cat([tokens, tokens.new_tensor([model.config.bert.pad_token_id])])
        self.project = linear(head.decoder.weight[tokens], head.decoder.bias[tokens], None)

    def plan(self, ids: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, KeysValues]:
        """Probabilities of operations (b, s, 3) and of insert counts (b, s, max_insert_num + 1); keys and values.

        Args:
            ids: (b, s) the source half.
            mask: (b, s) bool; None where nothing is padded.
        """
        states, memory = self.read(ids, mask)
        heads = (head(states).float().softmax(-1) for head in (self.operation_head, self.insert_head))
        return *heads, memory

    def read(self, ids: Tensor, mask: Tensor | None) -> tuple[Tensor, KeysValues]:
        """States of the source (b, s, hidden), and its keys and values, (2, b, heads, s, size) a layer."""
        states, memory = self._embed_source(ids), []
        attend = None if mask is None else mask[:, None, None]
        for layer in self.layers:
            states, own = layer(states, attend)
            memory.append(own)
        return states, memory

    def fill(
        self,
        source_mask: Tensor,
        template_ids: Tensor,
        template_positions: Tensor,
        template_slots: Tensor,
        template_mask: Tensor,
        mask_index: Tensor,
        memory: KeysValues | None = None,
        source_ids: Tensor | None = None,
        planned_operations: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The likeliest token of each mask and its probability, (m,) int64 and (m,) float32.

        Args:
            source_mask: (b, s) bool.
            template_ids, template_positions, template_slots, template_mask: (b, t).
            mask_index: (m,) places of the masks to write, row * t + column.
            memory: the source's keys and values (one pass).
            source_ids: (b, s), needed for two passes.
            planned_operations: (b, s), for models that show them to the infiller, which takes two passes.
        """
        states = self._embed_template(template_ids, template_positions, template_slots)
        attend = torch.cat([source_mask, template_mask], dim=1)[:, None, None]
        if self.two_passes:
            states = torch.cat([self._embed_source(source_ids, planned_operations), states], dim=1)
            memory = [None] * len(self.layers)
        for layer, before in zip(self.layers, memory, strict=True):
            states, _ = layer(states, attend, before)
        states = states[:, -template_ids.shape[1] :].flatten(0, 1)[mask_index]
        return self._write(states)

    def _write(self, states: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.project(self.transform_norm(self.transform(states))).float()
        best, places = logits[:, : len(self.tokens)].max(-1)
        return self.tokens[places], (best - logits.logsumexp(-1)).exp().clamp(max=1.0)

    def _embed_source(self, ids: Tensor, operations: Tensor | None = None) -> Tensor:
        parts, words = self.embeddings, self.embeddings.word_embeddings(ids)
        if operations is not None:
            words = words + self.operations(operations)
        position = parts.position_embeddings.weight[: ids.shape[1]] + parts.token_type_embeddings.weight[0]
        return parts.LayerNorm(words + position)

    def _embed_template(self, ids: Tensor, positions: Tensor, slots: Tensor) -> Tensor:
        parts = self.embeddings
        position = parts.position_embeddings(positions) + parts.token_type_embeddings.weight[1]
        return parts.LayerNorm(parts.word_embeddings(ids) + self.slots(slots) + position)
