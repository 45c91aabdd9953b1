"""Training examples: ids and labels of one pair, from a memory-mapped copy of the template file or made on the fly."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
from pyarrow import parquet

from gaprelm.edits.edit import DELETE, INSERT, REPLACE, Edit
from gaprelm.edits.labels import edits_to_labels, reason_left_out
from gaprelm.noise.corruption import Corruptor
from gaprelm.tokenization import CharacterVocabulary


class Example(NamedTuple):
    """One pair of a source of n characters with m answers.

    index: place in the data set (draws of auxiliary masks depend on it).
    epoch: the epoch it was asked for.
    source_ids: (n,) int32. operations: (n,) int8. insert_counts: (n + 1,) int8. answers: (m,) int32, -100 = unknown.
    """

    index: int
    epoch: int
    source_ids: np.ndarray
    operations: np.ndarray
    insert_counts: np.ndarray
    answers: np.ndarray


class ExampleSource(Protocol):
    """A data set whose items are a pure function of (epoch, index), whatever was asked before and by whom."""

    lengths: np.ndarray

    def __len__(self) -> int: ...

    def __getitem__(self, key: tuple[int, int]) -> Example: ...


@dataclass(frozen=True)
class LabelRules:
    """What the labels may hold: the model's limits and the edit types that are switched on."""

    max_insert_num: int
    max_seq_length: int
    enable_insert: bool
    enable_delete: bool
    enable_gap: bool

    @property
    def edit_types(self) -> frozenset[str]:
        """Types of edits that are learned; the others are left in the text as if they were correct."""
        if not self.enable_gap:
            return frozenset({REPLACE})
        switches = {INSERT: self.enable_insert, DELETE: self.enable_delete, REPLACE: True}
        return frozenset(name for name, on in switches.items() if on)


def make_example(
    source: str, edits: Sequence[Edit], vocabulary: CharacterVocabulary, rules: LabelRules, index: int, epoch: int
) -> Example:
    """The example of a pair that fits (``reason_left_out`` gave None)."""
    labels = edits_to_labels(len(source), [edit for edit in edits if edit.type in rules.edit_types])
    return Example(
        index,
        epoch,
        np.array(vocabulary.encode(source), dtype=np.int32),
        np.array(labels.operations, dtype=np.int8),
        np.array(labels.insert_counts, dtype=np.int8),
        np.array([vocabulary.answer_id(answer) for answer in labels.answers], dtype=np.int32),
    )


_ATTEMPTS = 5


class CleanSentences:
    """Clean sentences that get new errors every epoch.

    Args:
        stage: part of the keys of the errors: no stage sees those of another again.
    """

    def __init__(
        self,
        sentences: list[str],
        corruptor: Corruptor,
        vocabulary: CharacterVocabulary,
        rules: LabelRules,
        stage: str,
    ) -> None:
        self._sentences = [s for s in sentences if len(s) > 0 and len(s) + 2 <= rules.max_seq_length]
        self._corruptor, self._vocabulary, self._rules, self._stage = corruptor, vocabulary, rules, stage
        self.lengths = np.array([len(sentence) for sentence in self._sentences])

    def __len__(self) -> int:
        return len(self._sentences)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        target = self._sentences[index]
        # Errors that do not fit are drawn again; a long sentence may have no room for any.
        for attempt in range(_ATTEMPTS):
            source, edits, _ = self._corruptor.corrupt(target, f"{self._stage}/{epoch}/{index}/{attempt}")
            labels = edits_to_labels(len(source), edits)
            if not reason_left_out(labels, self._rules.max_insert_num, self._rules.max_seq_length):
                return make_example(source, edits, self._vocabulary, self._rules, index, epoch)
        return make_example(target, [], self._vocabulary, self._rules, index, epoch)


_ARRAYS = {"source_ids": np.int32, "operations": np.int8, "insert_counts": np.int8, "answers": np.int32}
_OFFSETS = {"offsets": "source_ids", "answer_offsets": "answers"}
_ROWS = "rows"
_ROWS_READ = 4096


class FlatPairs:
    """The pairs of a template file, as flat memory-mapped arrays: memory does not grow with their number."""

    def __init__(self, directory: Path) -> None:
        self._arrays = [_mapped(directory / name, kind) for name, kind in _ARRAYS.items()]
        self._offsets, self._answer_offsets = (_mapped(directory / name, np.int64) for name in _OFFSETS)
        # Rows of the file, some of them several times.
        self._rows = _mapped(directory / _ROWS, np.int64)
        self.lengths = np.diff(self._offsets)[self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        row = int(self._rows[index])
        start, end = self._offsets[row : row + 2]
        first, last = self._answer_offsets[row : row + 2]
        ids, operations, counts, answers = self._arrays
        # Sentence i has one gap more than characters, so its gaps start i places later.
        gaps = counts[start + row : end + row + 1]
        return Example(index, epoch, ids[start:end], operations[start:end], gaps, answers[first:last])


def _mapped(path: Path, kind: type) -> np.ndarray:
    # An empty file cannot be mapped.
    return np.memmap(path, dtype=kind, mode="r") if path.stat().st_size else np.zeros(0, dtype=kind)


class Mixture:
    """Several data sets as one: the examples of the first, then those of the second, and so on."""

    def __init__(self, parts: Sequence[ExampleSource]) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *map(len, parts)])
        self.lengths = np.concatenate([part.lengths for part in parts])

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        part = int(np.searchsorted(self._starts, index, side="right")) - 1
        return self._parts[part][epoch, index - int(self._starts[part])]._replace(index=index)


def write_flat_pairs(
    path: Path,
    directory: Path,
    vocabulary: CharacterVocabulary,
    rules: LabelRules,
    repeats: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Turn a template file into the arrays of ``FlatPairs``, a few thousand rows at a time.

    The directory appears only when it is complete.

    Args:
        repeats: how often an epoch sees the pairs of a corpus, where that is more than once.
    """
    temporary = directory.with_name(directory.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    sizes, repeated = {name: array("q", [0]) for name in _OFFSETS}, array("q")
    with ExitStack() as stack:
        files = {name: stack.enter_context((temporary / name).open("wb")) for name in _ARRAYS}
        for index, (corpus, source, edits) in enumerate(_rows(path)):
            repeated.extend([index] * repeats.get(corpus, 1))
            example = make_example(source, edits, vocabulary, rules, index, 0)
            for name, handle in files.items():
                handle.write(getattr(example, name).tobytes())
            for name, of in _OFFSETS.items():
                sizes[name].append(len(getattr(example, of)))
    for name, values in sizes.items():
        np.cumsum(np.frombuffer(values, dtype=np.int64)).tofile(temporary / name)
    (temporary / _ROWS).write_bytes(repeated.tobytes())
    shutil.rmtree(directory, ignore_errors=True)
    temporary.rename(directory)


def _rows(path: Path) -> Iterator[tuple[str, str, list[Edit]]]:
    """Corpus, source and edits of each row of a template file."""
    for batch in parquet.ParquetFile(path).iter_batches(_ROWS_READ, columns=["corpus", "source", "edits"]):
        for row in batch.to_pylist():
            yield row["corpus"], row["source"], [Edit(**edit) for edit in row["edits"]]
