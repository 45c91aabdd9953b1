"""Training examples: the ids and labels of one pair. Pairs are given (flat.py), or made from clean sentences here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from gaprelm.counts.folds import fold_of
from gaprelm.edits.edit import Edit
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import edits_to_labels
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.noise.corruption import Corruptor


class Example(NamedTuple):
    """One pair of a source of n characters with m answers.

    index: its place in the data set (the draws of auxiliary masks depend on it).
    epoch: the epoch that it was made for.
    source_ids: (n,) int32. operations: (n,) int8. insert_counts: (n + 1,) int8. answers: (m,) int32, -100 = unknown.
    fold: the number of its target's fold (``gaprelm.counts.folds``); -1 where the counts do not know it.
    """

    index: int
    epoch: int
    source_ids: np.ndarray
    operations: np.ndarray
    insert_counts: np.ndarray
    answers: np.ndarray
    fold: int = -1


class ExampleSource(Protocol):
    """A data set whose items are a pure function of (epoch, index), in every process and in any order of calls.

    lengths: (examples,) characters of each example.
    """

    lengths: np.ndarray

    def __len__(self) -> int: ...

    def __getitem__(self, key: tuple[int, int]) -> Example: ...


def make_example(
    source: str,
    edits: Sequence[Edit],
    vocabulary: CharacterVocabulary,
    rules: LabelRules,
    index: int,
    epoch: int,
    fold: int = -1,
) -> Example:
    """The example of a pair that fits (``LabelRules.reason_left_out`` gave None)."""
    labels = rules.learned(len(source), edits)
    return Example(
        index,
        epoch,
        np.array(vocabulary.encode(source), dtype=np.int32),
        np.array(labels.operations, dtype=np.int8),
        np.array(labels.insert_counts, dtype=np.int8),
        np.array([vocabulary.answer_id(answer) for answer in labels.answers], dtype=np.int32),
        fold,
    )


_ATTEMPTS = 5


class CleanSentences:
    """Clean sentences that get new errors every epoch.

    Args:
        sentences: sentences that fit the model (``LabelRules.fits``).
        lengths: of the sentences, in characters.
        stage: part of the keys of the errors, so that each stage gets errors of its own.
        folds: number of folds of the counts; 0 for models without counts.
    """

    def __init__(
        self,
        sentences: Sequence[str],
        lengths: np.ndarray,
        corruptor: Corruptor,
        vocabulary: CharacterVocabulary,
        rules: LabelRules,
        stage: str,
        folds: int = 0,
    ) -> None:
        self._sentences, self.lengths, self._folds = sentences, lengths, folds
        self._corruptor, self._vocabulary, self._rules, self._stage = corruptor, vocabulary, rules, stage

    def __len__(self) -> int:
        return len(self._sentences)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        target = self._sentences[index]
        fold = fold_of(target, self._folds) if self._folds else -1
        # Errors that do not fit are drawn again; a long sentence may have no room for any.
        for attempt in range(_ATTEMPTS):
            source, edits, _ = self._corruptor.corrupt(target, f"{self._stage}/{epoch}/{index}/{attempt}")
            if not self._rules.reason_left_out(edits_to_labels(len(source), edits)):
                return make_example(source, edits, self._vocabulary, self._rules, index, epoch, fold)
        return make_example(target, [], self._vocabulary, self._rules, index, epoch, fold)


class Mixture:
    """Several data sets as one: the examples of the first, then those of the second, and so on."""

    def __init__(self, sources: Sequence[ExampleSource]) -> None:
        self._sources = sources
        self._starts = np.cumsum([0, *map(len, sources)])
        self.lengths = np.concatenate([source.lengths for source in sources])

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        number = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._sources[number][epoch, index - int(self._starts[number])]._replace(index=index)
