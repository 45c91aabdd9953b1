"""EXCGEC, and other data for instruction tuning in this form: objects with ``input`` and ``output``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers.json_records import read_items, record_of, text_of
from gaprelm.data.records import Record
from gaprelm.errors import Problem

KEYS = frozenset({"input", "output"})


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record per object of a JSON array or of JSON Lines; ``instruction`` is ignored."""
    for item in read_items(path, KEYS):
        if isinstance(item, Problem):
            yield item
        else:
            yield from record_of(item, item.name, text_of(item, "input"), [text_of(item, "output")])
