"""Sentences to aligned pairs, and aligned pairs to labelled ones that fit the model."""

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


def template_rows(pairs: Iterable[Pair], rules: LabelRules, left_out: Counter[str]) -> Iterator[dict]:
    """One row a pair that fits, with the labels that are learned; the others are counted in ``left_out`` by reason.

    Whether a pair fits depends on all its edits, so that switching a type off adds no pairs.

    Raises:
        AssertionError: labels do not rebuild the target (a fault of this program, never of the data).
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
    """Write the template file of aligned pairs, which says which types of edits it is labelled for; the number of rows.

    The switches of the model (``enable_insert`` and the like) are applied here and nowhere after: training reads the
    labels as they stand. Args and errors as of ``template_rows``.
    """
    return write_table(path, template_rows(pairs, rules, left_out), template_schema(rules.edit_types))


def label_again(table: Path, path: Path, rules: LabelRules) -> None:
    """Write the template file of the pairs of another one, with the labels of other switches.

    For models that are trained on an experiment's pairs, but learn other types of edits: variants of the ablations.
    They get a table of their own, so that all labels come from one function, and a variant may also learn what the
    experiment does not. The pairs are aligned again, which gives the same edits.
    """
    rows = iterate_rows(table, ["id", "corpus", "source", "target"])
    pairs = (Pair(**row, edits=align(row["source"], row["target"])) for row in rows)
    write_template(path, pairs, rules, Counter())
