"""Training data as flat memory-mapped arrays: what a process holds in memory does not grow with their number."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import numpy as np

from gaprelm.data.tables import iterate_rows
from gaprelm.edits.edit import Edit
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.examples import Example, LabelRules, make_example

_NO_REPEATS: Mapping[str, int] = MappingProxyType({})
# Rows of the file, some of them several times.
_ROWS = "rows"
_OFFSETS = "offsets"
_ANSWER_OFFSETS = "answer_offsets"
_PAIR_ARRAYS = {"source_ids": np.int32, "operations": np.int8, "insert_counts": np.int8, "answers": np.int32}
_TEXTS = "texts"
_LENGTHS = "lengths"


class FlatPairs:
    """The pairs of template files (``ExampleSource``), in the directory of ``write_flat_pairs``."""

    def __init__(self, directory: Path) -> None:
        self._arrays = [_mapped(directory / name, kind) for name, kind in _PAIR_ARRAYS.items()]
        offsets, answer_offsets, rows = (_mapped(directory / n, np.int64) for n in (_OFFSETS, _ANSWER_OFFSETS, _ROWS))
        self.lengths = np.diff(offsets).astype(np.int32)[rows]
        # Single numbers come faster from a memoryview.
        self._offsets, self._answer_offsets, self._rows = map(memoryview, (offsets, answer_offsets, rows))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        epoch, index = key
        row = self._rows[index]
        start, end = self._offsets[row], self._offsets[row + 1]
        first, last = self._answer_offsets[row], self._answer_offsets[row + 1]
        ids, operations, counts, answers = self._arrays
        # Sentence i has one gap more than characters, so its gaps start i places later.
        gaps = counts[start + row : end + row + 1]
        return Example(index, epoch, ids[start:end], operations[start:end], gaps, answers[first:last])


class FlatTexts(Sequence[str]):
    """The sentences of a normalized file, in the directory of ``write_flat_texts``.

    lengths: (sentences,) in characters.
    """

    def __init__(self, directory: Path) -> None:
        self._bytes = _mapped(directory / _TEXTS, np.uint8)
        offsets, rows = (_mapped(directory / name, np.int64) for name in (_OFFSETS, _ROWS))
        self.lengths = _mapped(directory / _LENGTHS, np.int32)[rows]
        self._offsets, self._rows = memoryview(offsets), memoryview(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> str:
        row = self._rows[index]
        return self._bytes[self._offsets[row] : self._offsets[row + 1]].tobytes().decode()


def write_flat_pairs(
    paths: Iterable[Path],
    directory: Path,
    vocabulary: CharacterVocabulary,
    rules: LabelRules,
    repeats: Mapping[str, int] = _NO_REPEATS,
) -> None:
    """Turn template files into the arrays of ``FlatPairs``, a few thousand rows at a time.

    The directory appears only when it is complete.

    Args:
        repeats: how often an epoch sees the pairs of a corpus, where that is more than once.
    """
    ends, answer_ends, rows = array("q", [0]), array("q", [0]), array("q")
    with _appearing(directory) as folder, ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in _PAIR_ARRAYS}
        for index, (corpus, source, edits) in enumerate(_pairs(paths)):
            rows.extend([index] * repeats.get(corpus, 1))
            example = make_example(source, edits, vocabulary, rules, index, 0)
            for name, handle in files.items():
                handle.write(getattr(example, name).tobytes())
            ends.append(ends[-1] + len(example.source_ids))
            answer_ends.append(answer_ends[-1] + len(example.answers))
        for name, values in {_OFFSETS: ends, _ANSWER_OFFSETS: answer_ends, _ROWS: rows}.items():
            (folder / name).write_bytes(values)


def write_flat_texts(path: Path, directory: Path, rules: LabelRules, repeats: Mapping[str, int] = _NO_REPEATS) -> None:
    """Turn the sentences of a normalized file that fit the model into the arrays of ``FlatTexts``.

    Args and appearance: as for ``write_flat_pairs``.
    """
    ends, lengths, rows = array("q", [0]), array("i"), array("q")
    with _appearing(directory) as folder, (folder / _TEXTS).open("wb") as file:
        for row in iterate_rows(path, ["corpus", "source"]):
            if rules.fits(row["source"]):
                rows.extend([len(lengths)] * repeats.get(row["corpus"], 1))
                lengths.append(len(row["source"]))
                ends.append(ends[-1] + file.write(row["source"].encode()))
        for name, values in {_OFFSETS: ends, _LENGTHS: lengths, _ROWS: rows}.items():
            (folder / name).write_bytes(values)


@contextmanager
def _appearing(directory: Path) -> Iterator[Path]:
    """A folder that becomes ``directory`` when all is written."""
    temporary = directory.with_name(directory.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(directory, ignore_errors=True)
    temporary.rename(directory)


def _mapped(path: Path, kind: type) -> np.ndarray:
    # An empty file cannot be mapped. A plain view: slices of np.memmap cost several times those of an array.
    return np.memmap(path, dtype=kind, mode="r").view(np.ndarray) if path.stat().st_size else np.zeros(0, dtype=kind)


def _pairs(paths: Iterable[Path]) -> Iterator[tuple[str, str, list[Edit]]]:
    """Corpus, source and edits of each row of template files."""
    for path in paths:
        for row in iterate_rows(path, ["corpus", "source", "edits"]):
            yield row["corpus"], row["source"], [Edit(**edit) for edit in row["edits"]]
