"""Counts the training data of an experiment."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from gaprelm.counts.channel import ChannelSettings
from gaprelm.counts.folds import counts_and_folds
from gaprelm.counts.model import CountModel, CountSettings
from gaprelm.data.tables import iterate_rows, iterate_sentences
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.confusion import ShapeConfusions

logger = logging.getLogger(__name__)

# Clean sentences that get errors to be counted: enough for the rates and the commoner confusions.
MOST_CORRUPTED = 20_000


@dataclass(frozen=True)
class CountedData:
    """What is counted.

    texts: normalized tables, whose references are the correct text. Each counts once.
    pairs: those of them whose errors are counted; without any, errors are generated in the texts.
    noise, seed: of the generated errors.
    """

    texts: Sequence[Path]
    pairs: Sequence[Path]
    noise: Mapping[str, Any]
    seed: int

    def correct(self) -> Iterator[str]:
        """The references, each of a sentence once."""
        for path in self.texts:
            for sentence in iterate_sentences(path):
                yield from dict.fromkeys(sentence.targets)

    def errors(self) -> Iterator[tuple[str, str]]:
        """(source, target) of the pairs, or of at most ``MOST_CORRUPTED`` generated ones."""
        if not self.pairs:
            yield from self._generated()
        for path in self.pairs:
            for sentence in iterate_sentences(path):
                yield from ((sentence.source, target) for target in dict.fromkeys(sentence.targets))

    def lookalikes(self) -> ShapeConfusions:
        """Characters of the texts that look alike."""
        return ShapeConfusions({character for text in self.correct() for character in set(text)})

    def _generated(self) -> Iterator[tuple[str, str]]:
        """Sentences, evenly spaced, with generated errors."""
        corruptor = make_corruptor(self.noise, self._sources(), self.seed)
        step = max(1, -(-sum(1 for _ in self._sources()) // MOST_CORRUPTED))
        for number, sentence in enumerate(islice(self._sources(), 0, None, step)):
            yield corruptor.corrupt(sentence, f"counts/{number}").source, sentence

    def _sources(self) -> Iterator[str]:
        return (row["source"] for path in self.texts for row in iterate_rows(path, ["source"]))


def count_settings(block: Mapping[str, Any]) -> CountSettings:
    """The settings of the block ``counts`` of config.yaml."""
    pair, longer = block["least"]
    return CountSettings(block["order"], (pair, longer), ChannelSettings(candidates=block["candidates"]))


def count(data: CountedData, settings: CountSettings) -> CountModel:
    """The counts of all the data."""
    model = next(count_with_folds(data, settings, folds=1))
    logger.info("counted: %d characters, %.1f MB", len(model.alphabet), model.size / 1e6)
    return model


def count_with_folds(data: CountedData, settings: CountSettings, folds: int) -> Iterator[CountModel]:
    """The counts of all the data, and then for each fold the counts of all others (``gaprelm.counts.folds``)."""
    return counts_and_folds(data.correct, data.errors(), folds, data.lookalikes().of, settings)
