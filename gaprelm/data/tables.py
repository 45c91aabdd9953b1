"""The parquet files between the steps: their columns, reading and writing them whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as parquet

from gaprelm.edits.edit import Edit
from gaprelm.textio import replacing

_EDITS = pa.list_(pa.struct([("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())]))

NORMALIZED = pa.schema(
    [("id", pa.string()), ("corpus", pa.string()), ("source", pa.string()), ("targets", pa.list_(pa.string()))]
)
ALIGNED = pa.schema(
    [("id", pa.string()), ("corpus", pa.string()), ("source", pa.string()), ("target", pa.string()), ("edits", _EDITS)]
)
TEMPLATE = pa.schema(
    [
        *ALIGNED,
        ("operations", pa.list_(pa.int8())),
        ("insert_counts", pa.list_(pa.int8())),
        ("answers", pa.list_(pa.string())),
    ]
)


class Sentence(NamedTuple):
    """A row of a normalized file."""

    id: str
    corpus: str
    source: str
    targets: list[str]


class Pair(NamedTuple):
    """A row of an aligned file: a (source, reference) pair with its edits."""

    id: str
    corpus: str
    source: str
    target: str
    edits: list[Edit]


class ScoredSentence(NamedTuple):
    """A sentence with all its references, for scoring."""

    id: str
    source: str
    references: list[str]


def write_table(path: Path, rows: Iterable[dict], schema: pa.Schema) -> None:
    """Write rows as parquet, whole or not at all."""
    table = pa.Table.from_pylist(list(rows), schema=schema)
    with replacing(path) as temporary:
        parquet.write_table(table, temporary)


def read_sentences(path: Path) -> list[Sentence]:
    """All rows of a normalized file."""
    return [Sentence(**row) for row in parquet.read_table(path).to_pylist()]


def read_texts(path: Path) -> Iterator[str]:
    """Every text of a normalized file, sources and references."""
    for sentence in read_sentences(path):
        yield sentence.source
        yield from sentence.targets


def read_pairs(path: Path) -> list[Pair]:
    """All rows of an aligned (or template) file."""
    columns = list(Pair._fields)
    rows = parquet.read_table(path, columns=columns).to_pylist()
    return [Pair(**(row | {"edits": [Edit(**edit) for edit in row["edits"]]})) for row in rows]


def read_scored_sentences(path: Path) -> list[ScoredSentence]:
    """The sentences of an aligned file with their references together, in the order of the file."""
    sentences: dict[tuple[str, str, str], list[str]] = {}
    for pair in read_pairs(path):
        sentences.setdefault((pair.corpus, pair.id, pair.source), []).append(pair.target)
    return [ScoredSentence(key[1], key[2], references) for key, references in sentences.items()]
