"""N-grams counted, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gaprelm.counts.alphabet import BITS, BOUNDARY

# Characters that are counted at once: 8 bytes a key and order, some copies while they are sorted.
_CHUNK = 1 << 22

Counted = tuple[np.ndarray, np.ndarray]


def ngram_keys(ids: np.ndarray, order: int) -> np.ndarray:
    """(characters - order + 1,) int64: the n-gram from each place on, its first character in the highest bits."""
    wide = ids.astype(np.int64)
    count = len(ids) - order + 1
    keys = wide[:count].copy()
    for place in range(1, order):
        keys <<= BITS
        keys |= wide[place : place + count]
    return keys


def count_ngrams(streams: Iterable[np.ndarray], order: int, prune_every: int = 0) -> list[Counted]:
    """How often each n-gram of 1 to ``order`` characters occurs.

    Args:
        streams: arrays of ids, each a run of sentences without anything between them.
        prune_every: drop n-grams of three or more characters that were seen once after that many chunks (0: never), as
            lossy counting does (Manku and Motwani 2002): less memory for a long text.

    Returns:
        For each order its keys in ascending order and their counts.
    """
    parts: list[list[Counted]] = [[] for _ in range(order)]
    for number, chunk in enumerate(_chunks(streams, order), 1):
        for n in range(1, order + 1):
            keys = ngram_keys(chunk, n)[: len(chunk) - order + 1]
            unique, counts = np.unique(keys, return_counts=True)
            parts[n - 1].append((unique, counts.astype(np.int32)))
            # As soon as the new parts are as long as what was merged before: each key is sorted again a few times only.
            if sum(len(keys) for keys, _ in parts[n - 1][1:]) >= len(parts[n - 1][0][0]):
                parts[n - 1] = [merged(parts[n - 1])]
            if prune_every and n > 2 and number % prune_every == 0:
                keys, counts = merged(parts[n - 1])
                parts[n - 1] = [(keys[counts > 1], counts[counts > 1])]
    return [merged(part) for part in parts]


def merged(parts: list[Counted]) -> Counted:
    """The counts of several parts together."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([keys for keys, _ in parts])
    counts = np.concatenate([counts for _, counts in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat(counts, first)


def _chunks(streams: Iterable[np.ndarray], order: int) -> Iterable[np.ndarray]:
    """Pieces of the streams; each begins where the n-grams of the one before it ended."""
    edge = np.full(order - 1, BOUNDARY, dtype=np.uint16)
    for stream in streams:
        padded = np.concatenate([edge, stream, edge]) if order > 1 else stream
        for start in range(0, max(len(padded) - order + 1, 0), _CHUNK):
            yield padded[start : start + _CHUNK + order - 1]
