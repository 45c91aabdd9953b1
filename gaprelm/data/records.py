"""The types of rows: of data files, as all readers give them, and of the files between the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gaprelm.edits.edit import Edit


@dataclass(frozen=True, slots=True)
class Record:
    """A sentence and its references.

    id: the sentence's id in the file, else its line number.
    source: the sentence as it was written.
    targets: the references; the source itself if the sentence is correct; empty if no reference is known.
    line: where it starts in the file, from 1; two records that differ only in their line are equal.
    """

    id: str
    source: str
    targets: list[str]
    line: int = field(default=0, compare=False)


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
