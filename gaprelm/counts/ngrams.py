"""A language model of character n-grams that fits into a few megabytes and answers by whole arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gaprelm.counts.alphabet import BITS
from gaprelm.counts.estimation import Level
from gaprelm.counts.hashing import HashTable

# 8 bits for a logarithm: steps of 0.07 from -18 to 0 for a probability, of 0.03 from -7 to 1 for a back-off factor.
_LOWEST, _STEP = -18.0, 18.0 / 255
_BACKOFF_LOWEST, _BACKOFF_STEP = -7.0, 8.0 / 255


class NgramModel:
    """log p(character | the characters before it), natural logarithms, float32.

    Args:
        unigrams: (2, ids) float32: log p and log back-off factor of each id.
        tables: of each order from 2; the columns of their rows are the quantised log p and, but for the longest order,
            the quantised back-off factor.
    """

    def __init__(self, unigrams: np.ndarray, tables: Sequence[HashTable]) -> None:
        self.unigrams, self.tables = unigrams.astype(np.float32), list(tables)
        codes = np.arange(256, dtype=np.float32)
        self.values = codes * np.float32(_STEP) + np.float32(_LOWEST)
        self.factors = codes * np.float32(_BACKOFF_STEP) + np.float32(_BACKOFF_LOWEST)

    @property
    def order(self) -> int:
        """Length of the longest n-gram."""
        return len(self.tables) + 1

    @property
    def size(self) -> int:
        """Bytes."""
        return self.unigrams.nbytes + sum(table.size for table in self.tables)

    @classmethod
    def from_levels(cls, levels: Sequence[Level], load: float = 0.9) -> NgramModel:
        """Quantise what was estimated."""
        first = levels[0]
        tables = []
        for n, level in enumerate(levels[1:], 2):
            columns = [_codes(level.log_probabilities, _LOWEST, _STEP)]
            if n < len(levels):
                columns.append(_codes(level.backoffs, _BACKOFF_LOWEST, _BACKOFF_STEP))
            order = np.argsort(-level.counts, kind="stable")
            tables.append(HashTable.build(level.keys, np.stack(columns, 1), order, load)[0])
        return cls(np.stack([first.log_probabilities, first.backoffs]), tables)

    def log_probability(self, *characters: np.ndarray) -> np.ndarray:
        """log p(last | others) of arrays of ids that broadcast; of more than ``order`` of them the last ones count."""
        window = Window(self, dict(enumerate(characters)))
        last = len(characters) - 1
        return window.log_probability(max(0, len(characters) - self.order), last)

    def arrays(self) -> dict[str, Any]:
        """What a file has to hold."""
        named = {"unigrams": self.unigrams}
        for n, table in enumerate(self.tables, 2):
            named |= {f"words{n}": table.words, f"rows{n}": table.rows}
        return named

    @classmethod
    def from_arrays(cls, named: dict[str, Any]) -> NgramModel:
        """The model of ``arrays``."""
        orders = sorted(int(name[5:]) for name in named if name.startswith("words"))
        return cls(named["unigrams"], [HashTable(named[f"words{n}"], named[f"rows{n}"]) for n in orders])


class Window:
    """Characters at successive places, arrays that broadcast, and the n-grams of them that were already looked up.

    Args:
        characters: ids by place.
    """

    def __init__(self, model: NgramModel, characters: dict[int, np.ndarray]) -> None:
        self._model = model
        self._characters = {place: ids.astype(np.int64) for place, ids in characters.items()}
        self._known: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}

    def log_probability(self, first: int, last: int) -> np.ndarray:
        """log p(character at ``last`` | those from ``first`` to before it)."""
        model = self._model
        if first == last:
            return model.unigrams[0][self._characters[last]]
        shorter = self.log_probability(first + 1, last) + self._backoff(first, last - 1)
        rows, found = self._find(first, last)
        return np.where(found, model.values[rows[..., 0]], shorter)

    def counted(self, first: int, last: int) -> np.ndarray:
        """Whether the n-gram from ``first`` to ``last`` is listed."""
        return self._find(first, last)[1]

    def _backoff(self, first: int, last: int) -> np.ndarray:
        if first == last:
            return self._model.unigrams[1][self._characters[last]]
        rows, found = self._find(first, last)
        return np.where(found, self._model.factors[rows[..., 1]], np.float32(0))

    def _find(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """(…, columns) the row of the n-gram from ``first`` to ``last``, and where there is one.

        No n-gram is listed whose beginning and end are not, so most of the longer ones need not be looked for.
        """
        if (first, last) not in self._known:
            table = self._model.tables[last - first - 1]
            key = self._characters[first]
            for place in range(first + 1, last + 1):
                key = (key << BITS) | self._characters[place]
            if last - first == 1:
                index, found = table.find(key)
                self._known[first, last] = table.rows[index], found
            else:
                possible = self._find(first, last - 1)[1] & self._find(first + 1, last)[1]
                places = np.flatnonzero(possible)
                index, hit = table.find(key.reshape(-1)[places])
                rows = np.zeros((key.size, table.rows.shape[1]), dtype=np.uint8)
                found = np.zeros(key.size, dtype=bool)
                rows[places], found[places] = table.rows[index], hit
                self._known[first, last] = rows.reshape(*key.shape, rows.shape[1]), found.reshape(key.shape)
        return self._known[first, last]


def _codes(values: np.ndarray, lowest: float, step: float) -> np.ndarray:
    return np.clip(np.rint((values - lowest) / step), 0, 255).astype(np.uint8)
