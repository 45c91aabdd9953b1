"""The table of keys."""

import numpy as np

from gaprelm.counts.hashing import HashTable


def table_of(keys, load):
    rows = np.stack([keys % 251, keys % 13], axis=1).astype(np.uint8)
    return HashTable.build(keys, rows, np.arange(len(keys)), load)


def test_keys_are_found_with_their_rows_and_others_are_not():
    draw = np.random.default_rng(1)
    keys = np.unique(draw.integers(0, 1 << 52, 20_000))
    table, lost = table_of(keys, 0.9)
    index, found = table.find(keys)
    assert lost == np.count_nonzero(~found) < 0.05 * len(keys)
    assert (table.rows[index[found], 0] == keys[found] % 251).mean() > 0.999
    assert (table.rows[index[found], 1] == keys[found] % 13).mean() > 0.999
    _, others = table.find(np.setdiff1d(draw.integers(0, 1 << 52, 20_000), keys).reshape(-1, 2)[:9000])
    assert others.shape == (9000, 2)
    assert others.mean() < 0.001


def test_without_room_the_least_important_go():
    keys = np.arange(1000) * 7919
    table, lost = table_of(keys, 2.0)
    _, found = table.find(keys)
    assert lost >= 500
    assert found[:250].mean() > 0.95 > 0.3 > found[-250:].mean()
