"""ChERRANT at character level: precision, recall and F of edits (Zhang et al., MuCGEC, NAACL 2022).

Both sides are aligned to the source by the same rules; an edit of the hypothesis is right if the reference has an edit
with the same place and text. P = TP / (TP + FP), R = TP / (TP + FN), F = (1 + b²) P R / (b² P + R). With the same
resources every number equals that of the official ``parallel_to_m2.py`` and ``compare_m2_for_evaluation.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gaprelm.scoring.cherrant.annotation import AnnotatedSentence, Annotator
from gaprelm.scoring.cherrant.comparison import (
    AnnotatedEdit,
    ComparisonOptions,
    RunningChoice,
    SentenceCounts,
    candidates,
    compare,
    edit_tables,
)
from gaprelm.scoring.counts import Counts, sum_by_type
from gaprelm.scoring.signature import signature

DIGITS = 4


@dataclass(frozen=True)
class CherrantScore:
    """A score with everything that it is computed from.

    chosen: for each sentence, in order, the comparison with the reference that was chosen.
    options: what was counted.
    signature: what has to be equal for two scores to be comparable.
    """

    chosen: Sequence[SentenceCounts]
    options: ComparisonOptions
    signature: str

    @property
    def counts(self) -> Counts:
        """The counts over all sentences."""
        return sum((sentence.counts for sentence in self.chosen), Counts())

    @property
    def by_type(self) -> dict[str, Counts]:
        """The counts of M (missing), R (redundant), S (substituted), W (word order), and other types that occur."""
        return sum_by_type(sentence.by_type for sentence in self.chosen)

    @property
    def precision(self) -> float:
        """TP / (TP + FP); 1 if FP is 0."""
        return self.counts.precision

    @property
    def recall(self) -> float:
        """TP / (TP + FN); 1 if FN is 0."""
        return self.counts.recall

    @property
    def f(self) -> float:
        """F-beta with the beta of the options."""
        return self.counts.f(self.options.beta)

    def table(self) -> np.ndarray:
        """(sentences, 3) TP, FP, FN of each sentence, for ``gaprelm.scoring.significance``."""
        return np.array([(c.tp, c.fp, c.fn) for c, *_ in self.chosen], dtype=np.int64).reshape(-1, 3)

    def as_dict(self) -> dict[str, Any]:
        """For JSON; P, R and F rounded to four digits, as the official tool prints them."""
        return (
            row(self.counts, self.options.beta)
            | {"beta": self.options.beta}
            | {"by_type": {name: row(counts, self.options.beta) for name, counts in self.by_type.items()}}
            | {"sentences": len(self.chosen), "signature": self.signature}
        )


def row(counts: Counts, beta: float) -> dict[str, float | int]:
    """tp, fp, fn, and P, R, F rounded to four digits."""
    return {
        "tp": counts.tp,
        "fp": counts.fp,
        "fn": counts.fn,
        "precision": round(counts.precision, DIGITS),
        "recall": round(counts.recall, DIGITS),
        "f": round(counts.f(beta), DIGITS),
    }


def cherrant(
    sources: Sequence[str],
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    options: ComparisonOptions | None = None,
    annotator: Annotator | None = None,
) -> CherrantScore:
    """Score corrected sentences.

    Args:
        sources: sentences with errors.
        hypotheses: one corrected sentence for each; an empty one deletes everything.
        references: one or more for each; ``没有错误`` stands for the source, ``无法标注`` for no reference.
        options: what counts, and beta; by default F0.5, where place and text of an edit must be right.
        annotator: how edits are extracted; by default all cheapest alignments, simplified targets, no resources.

    Raises:
        ValueError: the three lists have different lengths, or a sentence has no reference.
    """
    return ReferenceSet(sources, references, annotator or Annotator()).score(hypotheses, options or ComparisonOptions())


class ReferenceSet:
    """Sentences and their references, annotated once to score many hypotheses.

    Args:
        sources, references, annotator: as in ``cherrant``.
        workers: processes for the annotation.
    """

    def __init__(
        self, sources: Sequence[str], references: Sequence[Sequence[str]], annotator: Annotator, workers: int = 1
    ) -> None:
        without = next((i for i, targets in enumerate(references) if not targets), None)
        if without is not None:
            raise ValueError(f"sentence {without} ({sources[without]!r}) has no reference to be scored against")
        self._sources, self._annotator, self._workers = sources, annotator, workers
        self._numbers = [len(targets) for targets in references]
        annotated = annotator.annotate(zip(sources, references, strict=True), workers)
        self._references = [flat_edits(sentence) for sentence in annotated]
        self._tables = [edit_tables(edits, ComparisonOptions()) for edits in self._references]
        self._known: dict[tuple[int, str], list[SentenceCounts]] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def score(self, hypotheses: Sequence[str], options: ComparisonOptions) -> CherrantScore:
        """Score one hypothesis per sentence."""
        pairs = ((source, [text]) for source, text in zip(self._sources, hypotheses, strict=True))
        proposed = [flat_edits(sentence) for sentence in self._annotator.annotate(pairs, self._workers)]
        return CherrantScore(compare(proposed, self._references, options), options, self.signature(options))

    def candidates(self, hypotheses: Sequence[str]) -> list[list[SentenceCounts]]:
        """For each sentence, the comparisons of its hypothesis with every reference, with default options.

        Comparisons are cached until ``forget`` is called: other thresholds change few hypotheses.
        """
        items = list(enumerate(hypotheses))
        new = list(dict.fromkeys(item for item in items if item not in self._known))
        pairs = ((self._sources[index], [text]) for index, text in new)
        options = ComparisonOptions()
        for item, sentence in zip(new, self._annotator.annotate(pairs, self._workers), strict=True):
            proposed = edit_tables(flat_edits(sentence), options)
            self._known[item] = candidates(proposed, self._tables[item[0]])
        return [self._known[item] for item in items]

    def forget(self) -> None:
        """Empty the cache of comparisons."""
        self._known.clear()

    def signature(self, options: ComparisonOptions) -> str:
        """What has to be equal for two scores to be comparable."""
        return signature(self._annotator, options, self._numbers)


def flat_edits(sentence: AnnotatedSentence) -> list[AnnotatedEdit]:
    """All edits of a sentence, each with the number of its annotator, as in an M2 file."""
    return [(number, edit) for number, annotation in enumerate(sentence.annotations) for edit in annotation.edits()]


def choose_all(sentences: Iterable[Sequence[SentenceCounts]], beta: float) -> list[SentenceCounts]:
    """The running choice among the candidates of all sentences, in order."""
    choice = RunningChoice(beta)
    return [choice.choose(options) for options in sentences]


def total_counts(sentences: Iterable[Sequence[SentenceCounts]], beta: float) -> Counts:
    """The total counts of the running choice among the candidates of all sentences."""
    choice = RunningChoice(beta)
    for options in sentences:
        choice.choose(options)
    return choice.total
