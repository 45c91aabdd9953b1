"""What the data of an experiment are: counts, lengths, edits, and what was left out for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from gaprelm.data.tables import Pair
from gaprelm.edits.edit import EDIT_TYPES

_LENGTH_STEP = 10


def pair_statistics(pairs: Iterable[Pair]) -> dict[str, Any]:
    """Histograms over aligned pairs: source lengths (in steps of 10), edits a pair, edits by type."""
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
