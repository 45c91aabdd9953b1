"""The way in which such models are usually trained: two padded passes and a head on every position (baseline_fp32)."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn
from transformers import BertConfig, BertModel


def now() -> float:
    """Seconds, when all that was given to a GPU is done."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def usual_loss(encoder: BertModel, heads: nn.ModuleList, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The loss of both passes, each with its cross-entropies at every position."""
    states = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    labels = torch.where(mask > 0, torch.zeros_like(ids), torch.full_like(ids, -100))
    loss = torch.stack(
        [nn.functional.cross_entropy(head(states).flatten(0, 1), labels.flatten()) for head in heads[:2]]
    ).sum()
    states = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    chosen = (torch.rand(ids.shape, device=ids.device) < 0.2) & (mask > 0)
    answers = torch.where(chosen, ids, torch.full_like(ids, -100))
    return loss + nn.functional.cross_entropy(heads[2](states).flatten(0, 1), answers.flatten())


def usual_rates(
    config: BertConfig, examples: list, batch_size: int, steps: int, rounds: int, bf16: bool = False
) -> list[float]:
    """Samples a second of each round of so many steps, after a step that warms up."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    # The decorator of ``to`` in transformers hides that it is a method.
    encoder = BertModel(config, add_pooling_layer=False).to(device).train()  # pyright: ignore[reportArgumentType]
    heads = nn.ModuleList(nn.Linear(config.hidden_size, out) for out in (3, 4, config.vocab_size)).to(device)
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4, foreach=False, fused=False)
    width, random = 128, np.random.default_rng(2)

    def batch(chosen: list) -> tuple[torch.Tensor, torch.Tensor]:
        ids = np.zeros((len(chosen), width), dtype=np.int64)
        for row, example in enumerate(chosen):
            cut = example.source_ids[: width - 2]
            ids[row, : len(cut)] = cut
        return torch.from_numpy(ids).to(device), torch.from_numpy((ids > 0).astype(np.int64)).to(device)

    rates = []
    for round_ in range(rounds + 1):
        start = now()
        for _ in range(steps if round_ else 1):
            ids, mask = batch([examples[i] for i in random.integers(0, len(examples), size=batch_size)])
            with torch.autocast(device, torch.bfloat16, enabled=bf16):
                loss = usual_loss(encoder, heads, ids, mask)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            optimizer.zero_grad()
        rates.append(batch_size * (steps if round_ else 1) / (now() - start))
    return rates[1:]
