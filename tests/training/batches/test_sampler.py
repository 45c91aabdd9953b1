"""Every example once an epoch, the same batches on any number of processes."""

import numpy as np
import pytest

from gaprelm.training.batches.sampler import LengthBatchSampler

LENGTHS = np.random.default_rng(0).integers(3, 60, 1003)


def batches(batch_size, rank=0, world_size=1, seed=1, epoch=0, lengths=LENGTHS):
    sampler = LengthBatchSampler(lengths, batch_size, seed, rank, world_size)
    sampler.set_epoch(epoch)
    result = list(sampler)
    assert len(result) == len(sampler)
    return result


@pytest.mark.parametrize("world_size", [1, 2, 3])
@pytest.mark.parametrize("examples", [5, 64, 65, 1003])
def test_every_example_once(world_size, examples):
    seen = []
    sizes = set()
    for rank in range(world_size):
        own = batches(16, rank, world_size, lengths=LENGTHS[:examples])
        sizes.add(len(own))
        assert all(own), "an empty batch would leave a rank without a loss"
        seen += [index for batch in own for _, index in batch]
    assert sorted(seen) == list(range(examples))
    assert len(sizes) == 1, "all ranks must do the same number of steps"


def test_two_processes_see_what_one_with_twice_the_batch_sees():
    one = [sorted(batch) for batch in batches(32)]
    two = [sorted(a + b) for a, b in zip(batches(16, 0, 2), batches(16, 1, 2), strict=True)]
    assert one == two


def test_epochs_and_seeds_differ_and_repeat():
    assert batches(16) == batches(16)
    assert batches(16) != batches(16, seed=2)
    first = [[index for _, index in batch] for batch in batches(16)]
    second = [[index for _, index in batch] for batch in batches(16, epoch=1)]
    assert first != second


def test_batches_are_of_similar_length_but_not_in_order_of_it():
    means = [LENGTHS[[index for _, index in batch]].mean() for batch in batches(16)]
    spread = np.mean([np.ptp(LENGTHS[[index for _, index in batch]]) for batch in batches(16)])
    assert spread < 6
    assert abs(np.corrcoef(range(len(means)), means)[0, 1]) < 0.3
