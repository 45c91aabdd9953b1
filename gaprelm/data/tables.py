"""The files between the steps (parquet tables, hypotheses): their columns, readers and writers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from gaprelm.data.records import Pair, ScoredSentence, Sentence
from gaprelm.edits.edit import EDIT_TYPES, Edit
from gaprelm.errors import InputError
from gaprelm.textio import escaped, read_lines, replacing, sound_lines, unescaped, write_text

# How many rows a batch has, and a row group of the files.
_ROWS_IN_MEMORY = 8192
_EDITS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())]))

NORMALIZED = pa.schema(
    [("id", pa.string()), ("corpus", pa.string()), ("source", pa.string()), ("targets", pa.list_(pa.string()))]
)
ALIGNED = pa.schema(
    [("id", pa.string()), ("corpus", pa.string()), ("source", pa.string()), ("target", pa.string()), ("edits", _EDITS)]
)
# It has no column for edits: the labels hold the same information.
TEMPLATE = pa.schema(
    [
        ("id", pa.string()),
        ("corpus", pa.string()),
        ("source", pa.string()),
        ("target", pa.string()),
        ("operations", pa.list_(pa.int8())),
        ("insert_counts", pa.list_(pa.int8())),
        ("answers", pa.list_(pa.string())),
    ]
)
# Key in the metadata of a template file: the types of edits that its labels are for.
_EDIT_TYPES = b"edit_types"


def write_table(path: Path, rows: Iterable[dict], schema: pa.Schema) -> int:
    """Write rows as parquet, whole or not at all; returns how many. Only a few thousand are in memory at a time."""
    written, remaining = 0, iter(rows)
    with replacing(path) as temporary, parquet.ParquetWriter(temporary, schema) as writer:
        while batch := list(islice(remaining, _ROWS_IN_MEMORY)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            written += len(batch)
    return written


@contextmanager
def _whole(path: Path | str) -> Iterator[None]:
    """Errors of reading a table get its name and a cure.

    Raises:
        InputError: instead of those of pyarrow: the file is no table, is cut off or damaged, or lacks a column.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file\n  cure: give the command that makes it again") from error
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path} is damaged, or not a table of this step ({reason})\n"
            "  cure: delete it and give the same command again: the step that makes it runs again"
        ) from error


def template_schema(edit_types: Iterable[str]) -> pa.Schema:
    """The columns of a template file whose labels are for these types of edits."""
    return TEMPLATE.with_metadata({_EDIT_TYPES: " ".join(sorted(edit_types)).encode()})


def labelled_types(path: Path | str) -> frozenset[str]:
    """The types of edits that a template file is labelled for. Files of 0.1.0 do not say: they are labelled for all."""
    with _whole(path):
        found = (parquet.read_schema(path).metadata or {}).get(_EDIT_TYPES)
    return frozenset(EDIT_TYPES if found is None else found.decode().split())


def record_batches(path: Path, columns: list[str], row_groups: list[int] | None = None) -> Iterator[pa.RecordBatch]:
    """The columns of a file, or of some of its row groups, a few thousand rows at a time.

    Raises:
        InputError: the file is missing or damaged, or has no such column.
    """
    # pre_buffer would hold the whole file in memory.
    with _whole(path), parquet.ParquetFile(path, pre_buffer=False) as file:
        # A column that is missing would be left out without a word.
        for column in columns:
            if file.schema_arrow.get_field_index(column) < 0:
                raise KeyError(f"no column {column}")
        yield from file.iter_batches(_ROWS_IN_MEMORY, row_groups=row_groups, columns=columns)


def iterate_rows(path: Path, columns: list[str], rows: range | None = None) -> Iterator[dict]:
    """The rows of a file, one at a time: all, or those of a range. Row groups outside the range are not read.

    Raises:
        InputError: as ``record_batches``.
    """
    metadata = _metadata(path)
    rows = range(metadata.num_rows) if rows is None else rows
    groups, skipped = _row_groups(metadata, rows)
    found = (row for batch in record_batches(path, columns, groups) for row in batch.to_pylist())
    with _whole(path):
        yield from islice(found, rows.start - skipped, rows.stop - skipped)


def _metadata(path: Path) -> parquet.FileMetaData:
    with _whole(path):
        return parquet.read_metadata(path)


def _row_groups(metadata: parquet.FileMetaData, rows: range) -> tuple[list[int], int]:
    """The row groups that hold the rows, and the number of rows before these groups."""
    groups, skipped, first = [], 0, 0
    for number in range(metadata.num_row_groups):
        last = first + metadata.row_group(number).num_rows
        if last <= rows.start:
            skipped = last
        elif first < rows.stop:
            groups.append(number)
        first = last
    return groups, skipped


def shard_rows(path: Path, shard: str) -> range:
    """The rows of a shard ``k-of-n`` of a file."""
    number, shards = map(int, shard.split("-of-"))
    total = _metadata(path).num_rows
    return range(total * (number - 1) // shards, total * number // shards)


def iterate_sentences(path: Path, rows: range | None = None) -> Iterator[Sentence]:
    """The rows of a normalized file, or those of a range, without holding them all in memory."""
    return (Sentence(**row) for row in iterate_rows(path, list(Sentence._fields), rows))


def read_texts(path: Path) -> Iterator[str]:
    """Every text of a normalized file, sources and references."""
    for sentence in iterate_sentences(path):
        yield sentence.source
        yield from sentence.targets


def iterate_pairs(path: Path) -> Iterator[Pair]:
    """The rows of an aligned file, without holding them all in memory."""
    for row in iterate_rows(path, list(Pair._fields)):
        edits = [Edit(**edit) for edit in row.pop("edits")]
        yield Pair(**row, edits=edits)


def read_pairs(path: Path) -> list[Pair]:
    """All rows of an aligned file."""
    return list(iterate_pairs(path))


def read_scored_sentences(path: Path) -> list[ScoredSentence]:
    """The sentences of an aligned file, each with all its references, in the order of the file.

    Raises:
        InputError: no sentence has a reference.
    """
    sentences: dict[tuple[str, str, str], list[str]] = {}
    for pair in read_pairs(path):
        sentences.setdefault((pair.corpus, pair.id, pair.source), []).append(pair.target)
    if not sentences:
        raise InputError(
            f"{path}: no sentence with a reference, so nothing can be scored\n"
            "  cure: name a file with references (MuCGEC's test set has none), or leave this dev or test set out"
        )
    return [ScoredSentence(key[1], key[2], references) for key, references in sentences.items()]


def write_hypotheses(path: Path, sentences: Sequence[ScoredSentence], hypotheses: Iterable[str]) -> None:
    """Write one line per sentence: id, source and hypothesis, tab-separated, each as ``textio.escaped`` writes it."""
    rows = ((s.id, s.source, hypothesis) for s, hypothesis in zip(sentences, hypotheses, strict=True))
    write_text(path, "".join("\t".join(map(escaped, row)) + "\n" for row in rows))


def read_hypotheses(path: Path) -> list[str]:
    """The hypotheses that ``write_hypotheses`` wrote.

    Raises:
        InputError: a line is not UTF-8.
    """
    lines = sound_lines(read_lines(path), "delete the file and give the same command again")
    return [unescaped(line.text.split("\t")[-1]) for line in lines]
