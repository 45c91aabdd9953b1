"""The record that all readers give."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Record:
    """A sentence and its references.

    id: the file's own name of the sentence, else its line number.
    source: the sentence as it was written.
    targets: the references; the source itself where it is correct; empty where nothing is known.
    line: where it starts in the file, from 1; two records that differ in it alone are equal.
    """

    id: str
    source: str
    targets: list[str]
    line: int = field(default=0, compare=False)
