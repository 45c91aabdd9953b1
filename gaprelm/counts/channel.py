"""P(written | meant): how people take one character for another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaprelm.characters import is_han
from gaprelm.counts.alphabet import Alphabet
from gaprelm.counts.errors import ErrorCounts
from gaprelm.edits.similarity import near_syllables

# Classes of a pair of characters by sound; ``_ALIKE`` is added where they look alike as well.
SAME_TONE, SAME_SOUND, NEAR_SOUND, UNLIKE = range(4)
_ALIKE = 4
_CLASSES = 8
# What a class gets of the errors before any pair is counted, and the errors that this is worth.
_ASSUMED_SHARES = np.array([0.45, 0.30, 0.07, 0.02, 0.06, 0.04, 0.02, 0.04])
_ASSUMED_ERRORS = 20
_LEAST_SHARE = 1e-4
# A character without a neighbour in some class does not make up for all of it in the others.
_LEAST_PRESENT = 0.3
_LEAST_RIGHT = 0.05
# Candidates are ranked by log P(written | meant) + this * log frequency.
_PRIOR = 0.7

Lookalikes = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class ChannelSettings:
    """How counted confusions are smoothed.

    candidates: most characters that are thought of where one is written.
    error_rate: share of the characters that are wrong, before any pair is counted.
    trust: occurrences of a character that weigh as much as what is assumed before counting.
    flattening: exponent of the frequency with which the characters of a class are written by mistake: 1 by frequency,
        0 all alike.
    """

    candidates: int = 48
    error_rate: float = 0.02
    trust: float = 200.0
    flattening: float = 0.75


def no_lookalikes(character: str) -> Iterable[str]:
    """For channels that know sounds and counted confusions alone."""
    return ()


class Channel:
    """For each written character those that may be meant by it, and the channel's log-odds.

    Args:
        candidates: (ids, k) uint16, likely ones first; 0 fills up.
        log_odds: (ids, k) float16: log P(written | candidate) - log P(written | written); -inf where nothing is.
    """

    def __init__(self, candidates: np.ndarray, log_odds: np.ndarray) -> None:
        self.candidates, self.log_odds = candidates, log_odds

    @classmethod
    def build(
        cls,
        alphabet: Alphabet,
        frequencies: np.ndarray,
        errors: ErrorCounts,
        lookalikes: Lookalikes = no_lookalikes,
        settings: ChannelSettings | None = None,
    ) -> Channel:
        """The channel of an alphabet.

        P(x | y) is the share of the occurrences of y in which x was written, with ``trust`` occurrences added in which
        errors are as assumed: of each class as often as they were counted over all characters, and in a class by
        frequency.

        Args:
            frequencies: (ids,) how often each id occurs in running text.
            errors: counted in real pairs.
            lookalikes: characters that look like one.
        """
        settings = settings or ChannelSettings()
        written, meant, classes = _related(alphabet, errors, lookalikes)
        characters = "\0" + alphabet.characters
        pairs = zip(meant.tolist(), written.tolist(), strict=True)
        counted = np.array([errors.written[characters[y], characters[x]] for y, x in pairs], dtype=np.float64)
        occurrences = np.array([errors.meant[character] for character in characters], dtype=np.float64)
        assumed = settings.error_rate * _assumed(written, meant, classes, counted, frequencies, settings.flattening)
        share = (counted + settings.trust * assumed) / (occurrences[meant] + settings.trust)
        right = np.maximum(1 - np.bincount(meant, share, minlength=len(alphabet)), _LEAST_RIGHT)
        log_odds = np.log(share) - np.log(right[written])
        rank = log_odds + _PRIOR * np.log(frequencies[meant] + 1.0)
        return cls(*_best(written, meant, log_odds, rank, len(alphabet), settings.candidates))

    @property
    def size(self) -> int:
        """Bytes."""
        return self.candidates.nbytes + self.log_odds.nbytes

    def arrays(self) -> dict[str, Any]:
        """What a file has to hold."""
        return {"candidates": self.candidates, "log_odds": self.log_odds}

    @classmethod
    def from_arrays(cls, named: Mapping[str, Any]) -> Channel:
        """The channel of ``arrays``."""
        return cls(named["candidates"], named["log_odds"])


def readings(character: str) -> tuple[frozenset[str], frozenset[str]]:
    """(syllables with tone, syllables without) of a character, all readings; empty where it has none."""
    # Imported only here: who reads counts needs no readings, and it takes a fifth of a second.
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.TONE3, heteronym=True, errors="ignore", neutral_tone_with_five=True)
    toned = frozenset(reading for reading in found[0] if reading) if found else frozenset()
    return toned, frozenset(reading.rstrip("12345") for reading in toned)


def _related(
    alphabet: Alphabet, errors: ErrorCounts, lookalikes: Lookalikes
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(pairs,) ids of what is written and of what may be meant by it, and the class of each pair."""
    ids = {c: i for i, c in enumerate(alphabet.characters, 1) if is_han(c)}
    sounds = {character: readings(character) for character in ids}
    by_syllable: dict[str, set[str]] = defaultdict(set)
    for character, (_, plain) in sounds.items():
        for syllable in plain:
            by_syllable[syllable].add(character)
    confused: dict[str, set[str]] = defaultdict(set)
    for meant, written in errors.written:
        confused[written].add(meant)

    def pairs() -> Iterator[tuple[int, int, int]]:
        for x, (toned, plain) in sounds.items():
            same = {y for syllable in plain for y in by_syllable[syllable]}
            near = {y for syllable in plain for n in near_syllables(syllable) for y in by_syllable.get(n, ())}
            alike = set(lookalikes(x)) & ids.keys()
            for y in sorted((same | near | alike | (confused[x] & ids.keys())) - {x}):
                kind = NEAR_SOUND if y in near else UNLIKE
                if y in same:
                    kind = SAME_TONE if toned & sounds[y][0] else SAME_SOUND
                yield ids[x], ids[y], kind + _ALIKE * (y in alike)

    written, meant, classes = np.array(list(pairs()), dtype=np.int64).reshape(-1, 3).T
    return written, meant, classes


def _assumed(
    written: np.ndarray,
    meant: np.ndarray,
    classes: np.ndarray,
    counted: np.ndarray,
    frequencies: np.ndarray,
    flattening: float,
) -> np.ndarray:
    """(pairs,) P(written | meant, something wrong was written) before the pair itself is counted."""
    shares = np.bincount(classes, counted, minlength=_CLASSES) + _ASSUMED_ERRORS * _ASSUMED_SHARES
    shares = np.maximum(shares / shares.sum(), _LEAST_SHARE)
    weight = (frequencies[written] + 1.0) ** flattening
    group = meant * _CLASSES + classes
    assumed = shares[classes] * weight / np.bincount(group, weight)[group]
    return assumed / np.maximum(np.bincount(meant, assumed)[meant], _LEAST_PRESENT)


def _best(
    written: np.ndarray, meant: np.ndarray, log_odds: np.ndarray, rank: np.ndarray, size: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """(size, most) the candidates of each written character, highest rank first, and their log-odds."""
    order = np.lexsort((meant, -rank, written))
    written, meant, log_odds = written[order], meant[order], log_odds[order]
    place = np.arange(len(written)) - np.searchsorted(written, written)
    keep = place < most
    candidates = np.zeros((size, most), dtype=np.uint16)
    values = np.full((size, most), -np.inf, dtype=np.float16)
    candidates[written[keep], place[keep]] = meant[keep]
    values[written[keep], place[keep]] = log_odds[keep]
    return candidates, values
