"""Statistics of an experiment's data: counts, lengths, edits, and what was left out for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gaprelm.data.records import Pair, Sentence
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.labels import edits_to_labels, reason_left_out

_LENGTH_STEP = 10


def pair_statistics(pairs: Iterable[Pair]) -> dict[str, Any]:
    """Histograms over aligned pairs: source lengths (in steps of 10), edits per pair, edits by type."""
    lengths: Counter[int] = Counter()
    edits: Counter[int] = Counter()
    types: Counter[str] = Counter(dict.fromkeys(EDIT_TYPES, 0))
    total = 0
    for pair in pairs:
        total += 1
        lengths[len(pair.source) // _LENGTH_STEP * _LENGTH_STEP] += 1
        edits[len(pair.edits)] += 1
        types.update(edit.type for edit in pair.edits)
    return {
        "pairs": total,
        "lengths": {str(key): lengths[key] for key in sorted(lengths)},
        "edits_per_pair": {str(key): edits[key] for key in sorted(edits)},
        "edit_types": dict(types),
    }


def summed_counts(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of all parts of a split: how many pairs fit the model, and why the others do not."""
    pairs, left_out = 0, Counter[str]()
    for part in parts:
        pairs += part["pairs"]
        left_out.update(part["left_out"])
    return {"pairs": pairs, "left_out": dict(left_out)}


def clean_statistics(sentences: Iterable[Sentence], max_insert_num: int, max_seq_length: int) -> dict[str, Any]:
    """How many clean sentences fit the model, and why training leaves out the others."""
    fits, left_out = 0, Counter[str]()
    for sentence in sentences:
        reason = reason_left_out(edits_to_labels(len(sentence.source), []), max_insert_num, max_seq_length)
        fits += reason is None
        if reason:
            left_out[reason] += 1
    return {"pairs": fits, "left_out": dict(left_out)}
