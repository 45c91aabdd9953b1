"""Texts that are nearly equal to an earlier one: MinHash and banding find candidates, the edit distance decides.

MinHash: Broder, On the resemblance and containment of documents, 1997; banding: Leskovec, Rajaraman, Ullman, Mining of
Massive Datasets, chapter 3. A text stands for the set of its character bigrams. Two texts whose sets share two thirds,
which is about an edit distance of a tenth of the length, become candidates in 99 of 100 cases; two texts that share a
fiftieth, as unrelated sentences do, once in ten million.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

_BANDS, _ROWS = 32, 5
# How many bands are in memory at a time, and how many texts or pairs.
_BANDS_READ, _CHUNK = 4, 1 << 16
# Each text is compared with at most so many texts before it in its bucket: a large bucket has too many pairs.
_MOST_COMPARED = 8
_GENERATOR = np.random.Generator(np.random.PCG64(20_010_911))
_FACTORS = _GENERATOR.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _GENERATOR.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64)
_MIX = np.uint64(0x9E3779B97F4A7C15)


def near_duplicates(texts: Callable[[], Iterable[str]], threshold: float) -> np.ndarray:
    """Which texts are nearly equal to an earlier one that is kept.

    Args:
        texts: gives the same texts in the same order whenever it is called (it is called twice).
        threshold: similarity from which two texts are nearly equal: 1 - edit distance / length of the longer one.

    Returns:
        (n,) bool, always the same for the same texts. Memory holds about 60 bytes per text and the texts of the
        candidates; a temporary file holds 256 bytes per text.
    """
    pairs, count = _candidates(texts())
    dropped = np.zeros(count, dtype=bool)
    wanted: dict[int, str] = dict.fromkeys(np.unique(pairs).tolist(), "")
    for index, text in enumerate(texts()):
        if index in wanted:
            wanted[index] = text
    for start in range(0, len(pairs), _CHUNK):
        for earlier, later in pairs[start : start + _CHUNK].tolist():
            if not dropped[earlier] and not dropped[later]:
                similarity = Levenshtein.normalized_similarity(wanted[earlier], wanted[later], score_cutoff=threshold)
                dropped[later] = similarity >= threshold
    return dropped


def _candidates(texts: Iterable[str]) -> tuple[np.ndarray, int]:
    """(m, 2) pairs (earlier, later) of texts that share a band, in the order of the later one; the number of texts."""
    keys = np.zeros(0, dtype=np.int64)
    with tempfile.TemporaryDirectory() as folder:
        path, count = Path(folder, "bands"), 0
        with path.open("wb") as handle:
            for text in texts:
                handle.write(_bands(text).tobytes())
                count += 1
        for first in range(0, _BANDS, _BANDS_READ):
            for band in _columns(path, count, first):
                # Merged after each band, since most pairs that share one band share others too.
                keys = np.unique(np.concatenate((keys, *_neighbours(band))))
    # A key is later * count + earlier.
    return np.stack((keys % max(count, 1), keys // max(count, 1)), axis=1), count


def _columns(path: Path, count: int, first: int) -> np.ndarray:
    """(_BANDS_READ, count): some bands of all texts."""
    columns = np.empty((_BANDS_READ, count), dtype=np.uint64)
    with path.open("rb") as handle:
        for start in range(0, count, _CHUNK):
            rows = np.fromfile(handle, dtype=np.uint64, count=_CHUNK * _BANDS).reshape(-1, _BANDS)
            columns[:, start : start + len(rows)] = rows[:, first : first + _BANDS_READ].T
    return columns


def _bands(text: str) -> np.ndarray:
    """(_BANDS,) uint64: equal numbers where the smallest hashes of a band are equal."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    if len(points) < 2:
        points = np.append(points, np.zeros(2 - len(points), dtype=np.uint64))
    pairs = (points[:-1] << np.uint64(21) | points[1:]) * _MIX
    pairs ^= pairs >> np.uint64(29)
    smallest = (pairs[:, None] * _FACTORS + _OFFSETS >> np.uint64(32)).min(axis=0).reshape(_BANDS, _ROWS)
    bands = np.zeros(_BANDS, dtype=np.uint64)
    for row in range(_ROWS):
        bands = (bands ^ smallest[:, row]) * _MIX
        bands ^= bands >> np.uint64(31)
    return bands


def _neighbours(band: np.ndarray) -> Iterator[np.ndarray]:
    """Keys of pairs of texts with the same number in a band: each text with the ``_MOST_COMPARED`` texts before it."""
    order = np.argsort(band, kind="stable")
    ordered = band[order]
    for distance in range(1, _MOST_COMPARED + 1):
        same = np.flatnonzero(ordered[distance:] == ordered[:-distance])
        if not len(same):
            return
        earlier, later = order[same], order[same + distance]
        yield later.astype(np.int64) * len(band) + earlier
