"""Sentences to aligned pairs, and aligned pairs to labelled ones that fit the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gaprelm.data.records import Pair, Sentence
from gaprelm.edits.alignment import align
from gaprelm.edits.labels import edits_to_labels, labels_to_target, reason_left_out


def aligned_rows(sentences: Iterable[Sentence]) -> Iterator[dict[str, Any]]:
    """One row a (source, reference) pair, with its edits; sentences without references give none.

    References that are equal give one row: annotators who agree are no reason to learn a pair twice, and scores take
    the best of a sentence's references.
    """
    for sentence in sentences:
        for target in dict.fromkeys(sentence.targets):
            edits = [edit._asdict() for edit in align(sentence.source, target)]
            yield {
                "id": sentence.id,
                "corpus": sentence.corpus,
                "source": sentence.source,
                "target": target,
                "edits": edits,
            }


def template_rows(
    pairs: Iterable[Pair], max_insert_num: int, max_seq_length: int, left_out: Counter[str]
) -> Iterator[dict]:
    """One row a pair that fits, with its labels; the others are counted in ``left_out`` by reason.

    Raises:
        AssertionError: labels do not rebuild the target (a fault of this program, never of the data).
    """
    for pair in pairs:
        labels = edits_to_labels(len(pair.source), pair.edits)
        reason = reason_left_out(labels, max_insert_num, max_seq_length)
        if reason:
            left_out[reason] += 1
            continue
        if labels_to_target(pair.source, labels) != pair.target:
            raise AssertionError(f"labels of {pair.corpus} {pair.id} do not rebuild the target")
        yield pair._asdict() | {"edits": [edit._asdict() for edit in pair.edits], **labels._asdict()}
