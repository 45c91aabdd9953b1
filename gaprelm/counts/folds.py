"""Counts for training: each training sentence is scored by counts of the others, as new text will be.

Counts know the sentences that they were made from, so on these they look better than they are, and a model that is
trained on top of them would trust them too much. Cross-fitting (Wolpert 1992, stacked generalization) avoids that: the
texts are split into folds, and each fold is scored by counts of all other folds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from zlib import crc32

from gaprelm.counts.channel import Lookalikes, no_lookalikes
from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel, CountSettings

Texts = Callable[[], Iterable[str]]


def fold_of(text: str, folds: int) -> int:
    """The fold of a correct sentence, from 0; equal sentences are in the same fold."""
    return crc32(text.encode("utf-8", "surrogatepass")) % folds


def counts_and_folds(
    texts: Texts,
    pairs: Iterable[tuple[str, str]],
    folds: int,
    lookalikes: Lookalikes = no_lookalikes,
    settings: CountSettings | None = None,
) -> Iterator[CountModel]:
    """The counts of everything, and then for each fold the counts of all others.

    Args:
        texts: gives the correct sentences, as often as it is called.
        pairs: (source, target) of the pairs whose errors are counted.
    """
    errors = [ErrorCounts() for _ in range(folds)]
    for source, target in pairs:
        errors[fold_of(target, folds)].add_pair(source, target)
    yield CountModel.build(texts(), ErrorCounts.total(errors), lookalikes, settings)
    for left_out in range(folds):
        kept = (text for text in texts() if fold_of(text, folds) != left_out)
        others = ErrorCounts.total(part for number, part in enumerate(errors) if number != left_out)
        yield CountModel.build(kept, others, lookalikes, settings)
