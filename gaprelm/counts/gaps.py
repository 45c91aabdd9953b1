"""Characters too many and too few: how often each is put in or left out, and what may be missing where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gaprelm.characters import is_han
from gaprelm.counts.alphabet import BITS, Alphabet
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.estimation import Level

# Chinese characters for each one that is missing, repeated or put in, before any pair is counted; occurrences that
# this is worth for a single character.
_ASSUMED_RATE = 1 / 500
_ASSUMED_CHARACTERS = 5000.0
_TRUST = 200.0
_BESIDE, _ANYWHERE = 12, 16


class GapChannel:
    """P(left out), P(repeated), P(put in) of each character, and the characters that may be missing in a gap.

    Args:
        log_rates: (3, ids) float32: log P(left out | meant), log P(written twice | meant), log P(put in, and it is this
            character).
        after, before: (ids, k) uint16: characters that often stand after, and before, each; 0 fills up.
        anywhere: (m,) uint16: characters that are often left out.
    """

    def __init__(self, log_rates: np.ndarray, after: np.ndarray, before: np.ndarray, anywhere: np.ndarray) -> None:
        self.log_rates, self.after, self.before, self.anywhere = log_rates, after, before, anywhere

    @property
    def missing(self) -> np.ndarray:
        """(ids,) log P(left out | meant)."""
        return self.log_rates[0]

    @property
    def repeated(self) -> np.ndarray:
        """(ids,) log P(written twice | meant)."""
        return self.log_rates[1]

    @property
    def extra(self) -> np.ndarray:
        """(ids,) log P(a character is put in, and it is this one)."""
        return self.log_rates[2]

    @classmethod
    def build(cls, alphabet: Alphabet, levels: Sequence[Level], errors: ErrorCounts) -> GapChannel:
        """From counted errors, smoothed, and the counts of characters and bigrams."""
        characters = "\0" + alphabet.characters
        han = np.array([is_han(character) for character in characters])
        frequencies = np.where(han, levels[0].counts + 0.5, 0.0)
        meant = _column(errors.meant, characters)
        total = meant.sum() + _ASSUMED_CHARACTERS

        def rate(counts: Mapping[str, int]) -> float:
            return (sum(counts.values()) + _ASSUMED_RATE * _ASSUMED_CHARACTERS) / total

        missing, repeated = (
            (_column(counts, characters) + _TRUST * rate(counts)) / (meant + _TRUST)
            for counts in (errors.missing, errors.repeated)
        )
        extra = _column(errors.extra, characters) + _TRUST * frequencies / frequencies.sum()
        rates = np.stack([missing, repeated, rate(errors.extra) * extra / extra.sum()])
        with np.errstate(divide="ignore"):
            log_rates = np.where(han, np.log(rates), -np.inf).astype(np.float32)
        left_out = np.argsort(-(missing * (levels[0].counts + 0.5) * han), kind="stable")[:_ANYWHERE]
        first, last = levels[1].keys >> BITS, levels[1].keys & ((1 << BITS) - 1)
        return cls(
            log_rates,
            _commonest(first, last, levels[1].counts, han),
            _commonest(last, first, levels[1].counts, han),
            left_out.astype(np.uint16),
        )

    def arrays(self) -> dict[str, Any]:
        """What a file has to hold."""
        return {"log_rates": self.log_rates, "after": self.after, "before": self.before, "anywhere": self.anywhere}

    @classmethod
    def from_arrays(cls, named: Mapping[str, Any]) -> GapChannel:
        """The channel of ``arrays``."""
        return cls(named["log_rates"], named["after"], named["before"], named["anywhere"])


def _column(counts: Mapping[str, int], characters: str) -> np.ndarray:
    return np.array([counts.get(character, 0) for character in characters], dtype=np.float64)


def _commonest(keys: np.ndarray, others: np.ndarray, counts: np.ndarray, han: np.ndarray) -> np.ndarray:
    """(ids, k) for each key the Chinese characters that occur most often with it."""
    keep = han[others]
    keys, others, counts = keys[keep], others[keep], counts[keep]
    order = np.lexsort((others, -counts, keys))
    keys, others = keys[order], others[order]
    place = np.arange(len(keys)) - np.searchsorted(keys, keys)
    listed = place < _BESIDE
    table = np.zeros((len(han), _BESIDE), dtype=np.uint16)
    table[keys[listed], place[listed]] = others[listed]
    return table
