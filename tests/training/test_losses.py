"""The loss: weighted means over all labels of a step, whatever batches they are in."""

from dataclasses import replace

import pytest
import torch

from gaprelm.edits.labels import KEEP, REPLACE
from gaprelm.model.modeling import GapReLMOutput
from gaprelm.training.batches.collator import IGNORED
from gaprelm.training.losses import LossSettings, combine, loss_sums, loss_weights

PLAIN = LossSettings(operation=1.0, insert=1.0, infill=0.5, aux=0.25, tag=2.0, enable_f2=False)
RECALL = replace(PLAIN, enable_f2=True)


def random_batch(seed, masks=4):
    generator = torch.Generator().manual_seed(seed)
    operations = torch.randint(0, 3, (2, 6), generator=generator)
    operations[:, 0] = IGNORED
    inserts = torch.randint(0, 4, (2, 6), generator=generator)
    inserts[0, 4:] = IGNORED
    tags = torch.randint(0, 9, (2, 6), generator=generator)
    tags[operations != KEEP] = IGNORED
    tags[1, 1:3], operations[1, 1:3] = torch.tensor([3, 4]), REPLACE
    batch = {
        "operations": operations,
        "insert_counts": inserts,
        "tags": tags,
        "answers": torch.randint(0, 9, (masks,), generator=generator),
        "auxiliary": torch.arange(masks) % 2 == 0,
    }
    output = GapReLMOutput(
        torch.randn(2, 6, 3, generator=generator, requires_grad=True),
        torch.randn(2, 6, 4, generator=generator, requires_grad=True),
        torch.randn(masks, 9, generator=generator, requires_grad=True),
        -torch.rand(2, 6, generator=generator).requires_grad_(),
    )
    return batch, output


def test_parts_are_mean_cross_entropies():
    batch, output = random_batch(0)
    loss, parts = combine(loss_sums(output, batch, PLAIN), loss_weights(batch, PLAIN), PLAIN.coefficients)
    entropy = torch.nn.functional.cross_entropy
    gold, aux = ~batch["auxiliary"], batch["auxiliary"]
    expected = [
        entropy(output.operation_logits.flatten(0, 1), batch["operations"].flatten()),
        entropy(output.insert_logits.flatten(0, 1), batch["insert_counts"].flatten()),
        entropy(output.infill_logits[gold], batch["answers"][gold]),
        entropy(output.infill_logits[aux], batch["answers"][aux]),
        -output.tag_log_probabilities[batch["tags"] != IGNORED].mean(),
    ]
    torch.testing.assert_close(parts, torch.stack(expected))
    torch.testing.assert_close(
        loss, expected[0] + expected[1] + 0.5 * expected[2] + 0.25 * expected[3] + 2 * expected[4]
    )


def test_class_weights_favour_rare_labels():
    batch, output = random_batch(1)
    _, parts = combine(loss_sums(output, batch, RECALL), loss_weights(batch, RECALL), RECALL.coefficients)
    entropy = torch.nn.functional.cross_entropy
    operation = entropy(
        output.operation_logits.flatten(0, 1), batch["operations"].flatten(), weight=torch.tensor([1.0, 3.0, 2.0])
    )
    insert = entropy(
        output.insert_logits.flatten(0, 1), batch["insert_counts"].flatten(), weight=torch.tensor([1.0, 5, 5, 5])
    )
    torch.testing.assert_close(parts[:2], torch.stack([operation, insert]))
    known, replaced = batch["tags"] != IGNORED, batch["operations"] == REPLACE
    tags = -output.tag_log_probabilities
    torch.testing.assert_close(
        parts[4], (tags * (1.0 + replaced.float()))[known].sum() / (1.0 + replaced.float())[known].sum()
    )


def test_without_tagging_its_part_is_zero():
    batch, output = random_batch(5)
    output.tag_log_probabilities = None
    loss, parts = combine(loss_sums(output, batch, PLAIN), loss_weights(batch, PLAIN), PLAIN.coefficients)
    assert parts[4] == 0
    assert torch.isfinite(loss)


@pytest.mark.parametrize("settings", [PLAIN, RECALL])
def test_accumulated_batches_weigh_every_label_the_same(settings):
    parts = [random_batch(seed, masks) for seed, masks in ((2, 1), (3, 7))]
    total = sum(loss_weights(batch, settings) for batch, _ in parts)
    loss = sum(combine(loss_sums(output, batch, settings), total, settings.coefficients)[0] for batch, output in parts)
    merged = {name: torch.cat([batch[name] for batch, _ in parts]) for name in parts[0][0]}
    outputs = GapReLMOutput(*(torch.cat([o[i] for _, o in parts]) for i in range(4)))
    expected, _ = combine(loss_sums(outputs, merged, settings), loss_weights(merged, settings), settings.coefficients)
    torch.testing.assert_close(loss, expected)


def test_a_batch_without_masks_gives_zero_with_a_gradient():
    batch, output = random_batch(4, masks=0)
    loss, parts = combine(loss_sums(output, batch, PLAIN), loss_weights(batch, PLAIN), PLAIN.coefficients)
    assert parts[2:4].tolist() == [0, 0]
    loss.backward()
    assert torch.isfinite(output.operation_logits.grad).all()
    assert output.infill_logits.grad is not None
