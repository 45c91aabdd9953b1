"""Training data as flat memory-mapped arrays, so that the memory of a process does not grow with their number."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gaprelm.counts.folds import fold_of
from gaprelm.data.tables import iterate_rows, labelled_types, record_batches
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import Labels
from gaprelm.errors import InputError
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.batches.examples import Example

_NO_REPEATS: Mapping[str, int] = MappingProxyType({})
# The numbers of the rows of the file, a repeated row several times.
_ROWS = "rows"
_OFFSETS = "offsets"
_ANSWER_OFFSETS = "answer_offsets"
_FOLDS = "folds"
_PAIR_ARRAYS = {"source_ids": np.int32, "operations": np.int8, "insert_counts": np.int8, "answers": np.int32}
_TEXTS = "texts"
_LENGTHS = "lengths"


class FlatPairs:
    """The pairs of template files (``ExampleSource``), from the directory that ``write_flat_pairs`` wrote."""

    def __init__(self, directory: Path) -> None:
        self._arrays = [_mapped(directory / name, kind) for name, kind in _PAIR_ARRAYS.items()]
        offsets, answer_offsets, rows = (_mapped(directory / n, np.int64) for n in (_OFFSETS, _ANSWER_OFFSETS, _ROWS))
        self.lengths = np.diff(offsets).astype(np.int32)[rows]
        # A memoryview gives single numbers faster than an array.
        self._offsets, self._answer_offsets, self._rows = offsets.data, answer_offsets.data, rows.data
        self._folds = _mapped(directory / _FOLDS, np.int16).data

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
        fold = self._folds[row]
        return Example(index, epoch, ids[start:end], operations[start:end], gaps, answers[first:last], fold)


class FlatTexts(Sequence[str]):
    """The sentences of a normalized file, from the directory that ``write_flat_texts`` wrote.

    lengths: (sentences,) in characters.
    """

    def __init__(self, directory: Path) -> None:
        self._bytes = _mapped(directory / _TEXTS, np.uint8)
        offsets, rows = (_mapped(directory / name, np.int64) for name in (_OFFSETS, _ROWS))
        self.lengths = _mapped(directory / _LENGTHS, np.int32)[rows]
        self._offsets, self._rows = offsets.data, rows.data

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> str:
        row = self._rows[index]
        return self._bytes[self._offsets[row] : self._offsets[row + 1]].tobytes().decode()


def write_flat_pairs(
    paths: Iterable[Path],
    directory: Path,
    vocabulary: CharacterVocabulary,
    edit_types: Set[str],
    repeats: Mapping[str, int] = _NO_REPEATS,
    longest: int | None = None,
    folds: int = 0,
) -> None:
    """Turn the columns of template files into the arrays of ``FlatPairs``, a few thousand rows at a time.

    Labels are taken as they are; characters become ids. The directory appears only when it is complete.

    Args:
        edit_types: the types of edits that the model learns (``LabelRules.edit_types``).
        repeats: how often an epoch sees the pairs of a corpus, where that is not once; 0: never.
        longest: pairs with a longer [CLS] source [SEP] or [CLS] target [SEP] are left out; None: all that are there.
        folds: number of folds of the counts; 0 for models without counts.

    Raises:
        InputError: a file is labelled for other types of edits than the model learns.
    """
    pairs = characters = answers = 0
    with _appearing(directory) as folder, ExitStack() as stack:
        names = (*_PAIR_ARRAYS, _OFFSETS, _ANSWER_OFFSETS, _ROWS, _FOLDS)
        files = {name: stack.enter_context((folder / name).open("wb")) for name in names}
        for name in (_OFFSETS, _ANSWER_OFFSETS):
            files[name].write(np.int64(0).tobytes())
        for batch in _template_batches(paths, edit_types):
            arrays, lengths, numbers_of_answers = _arrays(batch, vocabulary)
            arrays[_OFFSETS] = characters + np.cumsum(lengths, dtype=np.int64)
            arrays[_ANSWER_OFFSETS] = answers + np.cumsum(numbers_of_answers, dtype=np.int64)
            arrays[_ROWS] = pairs + _chosen(batch, repeats, longest)
            targets = batch["target"].to_pylist()
            arrays[_FOLDS] = np.array([fold_of(target, folds) if folds else -1 for target in targets], dtype=np.int16)
            for name, values in arrays.items():
                files[name].write(values.tobytes())
            pairs, characters, answers = pairs + len(batch), int(arrays[_OFFSETS][-1]), int(arrays[_ANSWER_OFFSETS][-1])


def _template_batches(paths: Iterable[Path], edit_types: Set[str]) -> Iterator[pa.RecordBatch]:
    for path in paths:
        found = labelled_types(path)
        if found != edit_types:
            raise InputError(
                f"{path} is labelled for the edits {', '.join(sorted(found))}; expected those that the model learns, "
                f"{', '.join(sorted(edit_types))}\n"
                "  cure: set enable_insert, enable_delete and enable_gap as in the model's config.json;"
                " the workflow then labels the pairs again"
            )
        yield from record_batches(path, ["corpus", "source", "target", *Labels._fields])


def _arrays(
    batch: pa.RecordBatch, vocabulary: CharacterVocabulary
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """The arrays of ``_PAIR_ARRAYS`` for some rows, and the number of characters and of answers of each row."""
    operations, counts, answers = (batch[name] for name in Labels._fields)
    distinct = answers.flatten().dictionary_encode()
    ids = np.array([vocabulary.answer_id(answer) for answer in distinct.dictionary.to_pylist()], dtype=np.int32)
    arrays = {
        "source_ids": vocabulary.encode_long("".join(batch["source"].to_pylist())),
        "operations": operations.flatten().to_numpy(),
        "insert_counts": counts.flatten().to_numpy(),
        "answers": ids[distinct.indices.to_numpy()],
    }
    return arrays, *(pc.call_function("list_value_length", [column]).to_numpy() for column in (operations, answers))


def _chosen(batch: pa.RecordBatch, repeats: Mapping[str, int], longest: int | None) -> np.ndarray:
    """The numbers of the rows that are trained on; rows of a repeated corpus come several times, or not at all."""
    times = np.ones(len(batch), dtype=np.int64)
    if repeats:
        times = np.array([repeats.get(corpus, 1) for corpus in batch["corpus"].to_pylist()])
    if longest is not None:
        source, target = (pc.call_function("utf8_length", [batch[side]]).to_numpy() for side in ("source", "target"))
        times = times * (np.maximum(source, target) + 2 <= longest)
    return np.repeat(np.arange(len(batch)), times)


def write_flat_texts(path: Path, directory: Path, rules: LabelRules, repeats: Mapping[str, int] = _NO_REPEATS) -> None:
    """Turn the sentences of a normalized file that fit the model into the arrays of ``FlatTexts``.

    The arguments are those of ``write_flat_pairs``; this directory too appears only when it is complete.
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
    """A temporary folder that is renamed to ``directory`` when the block ends without an error."""
    temporary = directory.with_name(directory.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(directory, ignore_errors=True)
    temporary.rename(directory)


def _mapped(path: Path, kind: type) -> np.ndarray:
    # An empty file cannot be mapped. The view is a plain array, because slices of np.memmap are several times slower.
    return np.memmap(path, dtype=kind, mode="r").view(np.ndarray) if path.stat().st_size else np.zeros(0, dtype=kind)
