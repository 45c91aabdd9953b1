"""YACLC: one JSON object per line, with the sentence and each annotator's correction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from gaprelm.data.readers.json_records import Item, checked_text, read_items, record_of, text_of, written
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown

KEYS = frozenset({"sentence_text"})


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record per sentence; its references are the different corrections, in the order of the file.

    An empty correction gives a warning. So does a sentence without a usable one, which comes without a reference.
    """
    for item in read_items(path, KEYS):
        if isinstance(item, Problem):
            yield item
        else:
            targets = list(dict.fromkeys(_targets(item)))
            if any(isinstance(target, str) for target in targets):
                # One empty correction says nothing against the others.
                yield from filter(_is_warning, targets)
                targets = [target for target in targets if not _is_warning(target)]
            name = written(item.value.get("sentence_id", item.number))
            yield from record_of(item, name, text_of(item, "sentence_text"), targets)


def _is_warning(target: str | Problem) -> TypeGuard[Problem]:
    return isinstance(target, Problem) and target.warning


def _targets(item: Item) -> list[str | Problem]:
    annotations = item.value.get("sentence_annos")
    if not annotations or not isinstance(annotations, list):
        found = "no annotation" if not annotations else f'"sentence_annos" is {type(annotations).__name__}'
        return [item.problem(found, '"sentence_annos": a list with a "correction" in each', warning=True)]
    targets: list[str | Problem] = []
    for annotation in annotations:
        if isinstance(annotation, dict) and "correction" in annotation:
            targets.append(checked_text(item, "correction", annotation["correction"]))
        else:
            targets.append(item.problem(shown(annotation), 'an object with "correction"'))
    return targets
