"""Batches of examples of similar length; each example comes once in an epoch, on any number of processes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import DataLoader, Sampler

_WINDOW = 50  # batches that are sorted together: little padding, and batches are still mixed at random


class LengthBatchSampler(Sampler[list[tuple[int, int]]]):
    """Yields this rank's part of each global batch as (epoch, index) pairs.

    The examples are shuffled, sorted by length within windows of 50 global batches and cut into global batches, which
    are shuffled in turn. N processes with batch size B therefore see the same as one process with batch size N·B, and
    each rank has the same number of batches.

    Args:
        lengths: (examples,) characters of each example.
        batch_size: examples per process.
        seed: of the order; the epoch is mixed in.
        rank, world_size: this process among all.
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, seed: int, rank: int = 0, world_size: int = 1) -> None:
        self._lengths = np.asarray(lengths)
        self._global_size = batch_size * world_size
        self._seed, self._rank, self._world_size = seed, rank, world_size
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Set the epoch for the next iteration."""
        self._epoch = epoch

    def __len__(self) -> int:
        batches, rest = divmod(len(self._lengths), self._global_size)
        # A last batch that is too small to give every rank an example is merged with the batch before it.
        return max(1, batches + (rest >= self._world_size))

    def global_batches(self, epoch: int) -> list[np.ndarray]:
        """All batches of an epoch, before they are shared among the ranks."""
        random = np.random.default_rng([self._seed, epoch])
        order = random.permutation(len(self._lengths))
        window = _WINDOW * self._global_size
        order = np.concatenate([part[np.argsort(self._lengths[part], kind="stable")] for part in _cut(order, window)])
        batches = _cut(order, self._global_size)
        if len(batches) > len(self):
            batches[-2:] = [np.concatenate(batches[-2:])]
        return [batches[index] for index in random.permutation(len(batches))]

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for batch in self.global_batches(self._epoch):
            yield [(self._epoch, int(index)) for index in batch[self._rank :: self._world_size]]


def _cut(order: np.ndarray, size: int) -> list[np.ndarray]:
    return [order[start : start + size] for start in range(0, len(order), size)]


class EpochDataLoader(DataLoader):
    """A data loader whose batch sampler is told the epoch (the Trainer calls ``set_epoch``)."""

    batch_sampler: LengthBatchSampler

    def set_epoch(self, epoch: int) -> None:
        self.batch_sampler.set_epoch(epoch)
