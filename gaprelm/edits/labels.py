"""Labels: one operation per character, one insert count per gap, one answer per mask.

A sentence of n characters has n + 1 gaps; gap 0 is before the first character, gap i after character i (counted from
1). ``labels_to_target`` rebuilds the target exactly from labels and source.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from gaprelm.edits.edit import Edit

KEEP, DELETE, REPLACE = 0, 1, 2
NUM_OPERATIONS = 3


class Labels(NamedTuple):
    """What the planner and the infiller should predict for a source of n characters.

    operations: n values KEEP, DELETE or REPLACE.
    insert_counts: n + 1 numbers of characters that are missing in a gap.
    answers: one character per mask, in the order of the template: the insertions of gap 0, character 1, gap 1, …
    """

    operations: list[int]
    insert_counts: list[int]
    answers: list[str]


def edits_to_labels(length: int, edits: Sequence[Edit]) -> Labels:
    """The labels of a source of ``length`` characters with atomic ``edits`` in ascending order."""
    operations = [KEEP] * length
    insert_counts = [0] * (length + 1)
    answers: list[str] = []
    for edit in edits:
        if edit.start == edit.end:
            insert_counts[edit.start] += len(edit.text)
        else:
            operations[edit.start] = REPLACE if edit.text else DELETE
        answers.extend(edit.text)
    return Labels(operations, insert_counts, answers)


def labels_to_target(source: str, labels: Labels) -> str:
    """The target that ``labels`` describe: kept characters come from ``source``, all others from the answers."""
    answers = iter(labels.answers)
    pieces = list(islice(answers, labels.insert_counts[0]))
    for character, operation, count in zip(source, labels.operations, labels.insert_counts[1:], strict=True):
        if operation == KEEP:
            pieces.append(character)
        elif operation == REPLACE:
            pieces.append(next(answers))
        if count:
            pieces.extend(islice(answers, count))
    return "".join(pieces)


TOO_MANY_INSERTIONS = "more insertions in one gap than max_insert_num"
SOURCE_TOO_LONG = "source longer than max_seq_length"
TEMPLATE_TOO_LONG = "template longer than max_seq_length"
EMPTY_SOURCE = "empty source"


def reason_left_out(labels: Labels, max_insert_num: int, max_seq_length: int) -> str | None:
    """Why a pair does not fit the model, or None if it does.

    ``max_seq_length`` limits the length of [CLS] source [SEP] and also that of [CLS] template [SEP].
    """
    length = len(labels.operations)
    if length == 0:
        return EMPTY_SOURCE
    if length + 2 > max_seq_length:
        return SOURCE_TOO_LONG
    if max(labels.insert_counts) > max_insert_num:
        return TOO_MANY_INSERTIONS
    if length - labels.operations.count(DELETE) + sum(labels.insert_counts) + 2 > max_seq_length:
        return TEMPLATE_TOO_LONG
    return None
