"""The record that all readers give."""

from __future__ import annotations

from typing import NamedTuple


class Record(NamedTuple):
    """A sentence and its references.

    id: the file's own name of the sentence, else its line number.
    source: the sentence as it was written.
    targets: the references; the source itself where it is correct; empty where nothing is known.
    """

    id: str
    source: str
    targets: list[str]
