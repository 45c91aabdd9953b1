"""Turns sentences into aligned pairs, and aligned pairs into labelled ones that fit the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gaprelm.data.records import Pair, Sentence
from gaprelm.data.tables import iterate_rows, template_schema, write_table
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.label_rules import LabelRules
from gaprelm.edits.labels import edits_to_labels, labels_to_target


def aligned_rows(sentences: Iterable[Sentence]) -> Iterator[dict[str, Any]]:
    """One row per (source, reference) pair, with its edits; sentences without references give none.

    Equal references of a sentence give one row: a pair need not be learned twice because annotators agree, and scores
    take the best of a sentence's references.
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


def template_rows(pairs: Iterable[Pair], rules: LabelRules, left_out: Counter[str]) -> Iterator[dict]:
    """One row per pair that fits, with the labels that are learned; the others are counted in ``left_out`` by reason.

    Whether a pair fits depends on all its edits, so switching a type of edits off adds no pairs.

    Raises:
        AssertionError: the labels do not rebuild the target (a bug of this program, whatever the data are).
    """
    learns_all = len(rules.edit_types) == len(EDIT_TYPES)
    for pair in pairs:
        labels = edits_to_labels(len(pair.source), pair.edits)
        reason = rules.reason_left_out(labels)
        if reason:
            left_out[reason] += 1
            continue
        if labels_to_target(pair.source, labels) != pair.target:
            raise AssertionError(f"labels of {pair.corpus} {pair.id} do not rebuild the target")
        if not learns_all:
            labels = rules.learned(len(pair.source), pair.edits)
        yield {
            "id": pair.id,
            "corpus": pair.corpus,
            "source": pair.source,
            "target": pair.target,
            **labels._asdict(),
        }


def write_template(path: Path, pairs: Iterable[Pair], rules: LabelRules, left_out: Counter[str]) -> int:
    """Write the template file of aligned pairs; returns the number of rows. Arguments and errors as ``template_rows``.

    The switches of the model (``enable_insert`` and the like) are applied here: training takes the labels as they are.
    The file therefore says which types of edits its labels are for.
    """
    return write_table(path, template_rows(pairs, rules, left_out), template_schema(rules.edit_types))


def label_again(table: Path, path: Path, rules: LabelRules) -> None:
    """Label the pairs of a template file again, with other switches, and write another template file.

    Variants of the ablations train on the experiment's pairs, but some learn other types of edits. With a file of its
    own a variant gets its labels from the same function, and may learn types that the experiment does not learn. The
    pairs are aligned again, which gives the same edits.

    Args:
        table: the template file.
        path: the file to write.
        rules: of the variant.
    """
    rows = iterate_rows(table, ["id", "corpus", "source", "target"])
    pairs = (Pair(**row, edits=align(row["source"], row["target"])) for row in rows)
    write_template(path, pairs, rules, Counter())
