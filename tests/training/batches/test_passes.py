"""Batches in parts: every example once, and the same loss and gradient as the whole batch."""

import numpy as np
import pytest
import torch

from gaprelm.training.batches.collator import Collator, model_inputs
from gaprelm.training.batches.examples import Example
from gaprelm.training.batches.passes import split_batch
from gaprelm.training.losses import LossSettings, combine, loss_sums, loss_weights

SETTINGS = LossSettings(operation=1.0, insert=1.0, infill=0.5, aux=0.5, tag=1.0, enable_f2=True)


@pytest.fixture(params=["masks", "sparse", "full"])
def made(request, make_model):
    model, vocabulary = make_model(template=request.param, enable_tagging=True)
    random = np.random.default_rng(0)
    examples = []
    for index, length in enumerate((3, 20, 7, 7, 12, 1, 28, 5)):
        operations = random.choice(3, size=length, p=(0.6, 0.2, 0.2)).astype(np.int8)
        counts = random.choice(3, size=length + 1, p=(0.8, 0.1, 0.1)).astype(np.int8)
        ids = random.integers(5, 40, size=length).astype(np.int32)
        answers = random.integers(5, 40, size=int((operations == 2).sum() + counts.sum())).astype(np.int32)
        examples.append(Example(index, 0, ids, operations, counts, answers))
    return model, Collator(vocabulary, model.config.settings, 0.3, 0)(examples)


def gradient(model, parts, weights):
    model.zero_grad()
    total = 0.0
    for part in parts:
        output = model(**model_inputs(part))
        loss, _ = combine(loss_sums(output, part, SETTINGS), weights, SETTINGS.coefficients)
        loss.backward()
        total += float(loss.detach())
    return total, {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("limit", [1, 60, 120])
def test_loss_and_gradient_stay(made, limit):
    model, batch = made
    parts = split_batch(batch, limit)
    assert len(parts) > 1
    for part in parts:
        tokens = part["source_ids"].numel() + part["template_ids"].numel()
        assert tokens <= limit or len(part["source_ids"]) == 1
    assert sum(len(part["answers"]) for part in parts) == len(batch["answers"])
    weights = loss_weights(batch, SETTINGS)
    assert torch.allclose(sum(loss_weights(part, SETTINGS) for part in parts), weights)
    whole, split = gradient(model, [batch], weights), gradient(model, parts, weights)
    assert split[0] == pytest.approx(whole[0], rel=1e-5)
    for name, values in whole[1].items():
        assert torch.allclose(split[1][name], values, atol=2e-6), name


def test_what_fits_is_left_alone(made):
    _, batch = made
    assert split_batch(batch, None) == [batch]
    assert split_batch(batch, 100_000)[0] is batch
