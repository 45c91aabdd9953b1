"""A table from 64-bit keys to small rows, read by whole arrays at once."""

from __future__ import annotations

import numpy as np

_LANES = 4
# Keys are put in by so many parts, each of which sees how full the buckets are.
_PARTS = 64
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_SPREAD = np.uint64(0x0001000100010001)
_LOW, _HIGH = np.uint64(0x7FFF7FFF7FFF7FFF), np.uint64(0x8000800080008000)
_LANE_ENDS = tuple(np.uint64(1 << bits) for bits in (16, 32, 48))
_HALF, _LATE = np.uint64(32), np.uint64(29)
# Keys that are looked up at once: their intermediate results stay in the processor's cache.
_PIECE = 1 << 14


class HashTable:
    """Rows of bytes by key; a key that was not put in is taken for one that was about once in 8,000 times.

    Buckets of four entries, two buckets a key (Azar et al. 1994, balanced allocations); an entry is a fingerprint of 16
    bits and its row, so a key costs 2 bytes and its row, over ``load``. Each bucket's fingerprints are one 64-bit word.

    Args:
        words: (buckets,) uint64, four fingerprints each; a free place has 0.
        rows: (4 buckets, columns) uint8.
    """

    def __init__(self, words: np.ndarray, rows: np.ndarray) -> None:
        self.words, self.rows = words, rows

    @classmethod
    def build(cls, keys: np.ndarray, rows: np.ndarray, order: np.ndarray, load: float = 0.9) -> tuple[HashTable, int]:
        """A table of the keys, and how many found no place.

        Args:
            keys: (n,) different non-negative integers.
            rows: (n, columns) uint8.
            order: (n,) indices, the most important keys first; the last ones are left out where there is no room.
            load: share of the places that are to be filled.
        """
        buckets = max(1, int(np.ceil(len(keys) / load / _LANES)))
        prints = np.zeros((buckets, _LANES), dtype=np.uint16)
        values = np.zeros((buckets, _LANES, rows.shape[1]), dtype=np.uint8)
        used = np.zeros(buckets, dtype=np.int64)
        lost = 0
        for part in np.array_split(order, min(len(order), _PARTS)) if len(order) else []:
            fullness = [used[_places(keys[part], choice, buckets)[0]] for choice in (0, 1)]
            emptier = (fullness[1] < fullness[0]).astype(np.int64)
            for attempt in (0, 1):
                bucket, fingerprint = _chosen_places(keys[part], emptier ^ attempt, buckets)
                lane = used[bucket] + _rank(bucket)
                fits = lane < _LANES
                prints[bucket[fits], lane[fits]] = fingerprint[fits]
                values[bucket[fits], lane[fits]] = rows[part[fits]]
                used += np.bincount(bucket[fits], minlength=buckets)
                part, emptier = part[~fits], emptier[~fits]
            lost += len(part)
        return cls(prints.view(np.uint64).reshape(-1), values.reshape(-1, rows.shape[1])), lost

    def find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For keys of any shape: the index of the row, and whether the key is there (else the index is 0)."""
        flat = keys.reshape(-1).astype(np.uint64, copy=False)
        index = np.zeros(flat.shape, dtype=np.int64)
        found = np.zeros(flat.shape, dtype=bool)
        for start in range(0, len(flat), _PIECE):
            piece = slice(start, start + _PIECE)
            index[piece], found[piece] = self._find(flat[piece])
        return index.reshape(keys.shape), found.reshape(keys.shape)

    def _find(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What ``find`` gives, for a row of keys."""
        index, found = self._find_in(keys, 0)
        rest = np.flatnonzero(~found)
        index[rest], found[rest] = self._find_in(keys[rest], 1)
        return index, found

    def _find_in(self, keys: np.ndarray, choice: int) -> tuple[np.ndarray, np.ndarray]:
        """What ``find`` gives, from one of the two buckets of each key."""
        bucket, fingerprint = _places(keys, choice, len(self.words))
        difference = np.take(self.words, bucket) ^ (fingerprint * _SPREAD)
        # The sign bit of each 16-bit lane that is zero.
        zero = ~(((difference & _LOW) + _LOW) | difference) & _HIGH
        found = zero != 0
        index = np.zeros(keys.shape, dtype=np.int64)
        hits = np.flatnonzero(found)
        lowest = zero[hits]
        lowest &= ~lowest + np.uint64(1)
        lane = (lowest > _LANE_ENDS[0]).astype(np.int64)
        lane += lowest > _LANE_ENDS[1]
        lane += lowest > _LANE_ENDS[2]
        index[hits] = bucket[hits] * _LANES + lane
        return index, found

    @property
    def size(self) -> int:
        """Bytes."""
        return self.words.nbytes + self.rows.nbytes


def _chosen_places(keys: np.ndarray, choices: np.ndarray, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each key the bucket and the fingerprint of its choice, 0 or 1."""
    both = (_places(keys, choice, buckets) for choice in (0, 1))
    return tuple(np.where(choices == 1, second, first) for first, second in zip(*both, strict=True))


def _rank(values: np.ndarray) -> np.ndarray:
    """How many equal values stand before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values)) - np.searchsorted(ordered, ordered)
    return rank


def _places(keys: np.ndarray, choice: int, buckets: int) -> tuple[np.ndarray, np.ndarray]:
    """The bucket and the fingerprint (never 0) of each key."""
    mixed = keys.astype(np.uint64, copy=False) * _MULTIPLIERS[choice]
    mixed = (mixed ^ (mixed >> _LATE)) * _MULTIPLIERS[1 - choice]
    bucket = ((mixed >> _HALF) * np.uint64(buckets)) >> _HALF
    fingerprint = np.maximum(mixed & np.uint64(0xFFFF), np.uint64(1))
    return bucket.astype(np.int64), fingerprint
