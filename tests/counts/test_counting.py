"""N-grams counted."""

from collections import Counter

import numpy as np

from gaprelm.counts import counting
from gaprelm.counts.alphabet import BITS


def spelled(keys, order):
    return [
        tuple(int(key >> (BITS * (order - 1 - place))) & ((1 << BITS) - 1) for place in range(order)) for key in keys
    ]


def test_counts_are_those_of_a_counter_whatever_the_chunks(monkeypatch):
    monkeypatch.setattr(counting, "_CHUNK", 7)
    draw = np.random.default_rng(0)
    streams = [draw.integers(2, 6, size).astype(np.uint16) for size in (40, 1, 23)]
    for order, (keys, counts) in enumerate(counting.count_ngrams(streams, 3), 1):
        wanted = Counter()
        for stream in streams:
            padded = [1, 1, *stream.tolist(), 1, 1]
            wanted.update(tuple(padded[i : i + order]) for i in range(len(padded) - 2))
        assert dict(zip(spelled(keys, order), counts.tolist(), strict=True)) == wanted
        assert (np.diff(keys) > 0).all()


def test_pruning_on_the_way_drops_only_what_is_rare(monkeypatch):
    monkeypatch.setattr(counting, "_CHUNK", 10)
    stream = np.array([2, 3, 4] * 20 + [5, 6, 7] + [2, 3, 4] * 20, dtype=np.uint16)
    keys, counts = counting.count_ngrams([stream], 3, prune_every=2)[2]
    found = dict(zip(spelled(keys, 3), counts.tolist(), strict=True))
    assert found[2, 3, 4] == 40
    assert (5, 6, 7) not in found
