"""Extracts typed edits from sentences and their targets, as ChERRANT's ``parallel_to_m2.py`` does."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context

import numpy as np

from gaprelm.edits.tokens import NO_ERROR, NOT_ANNOTATED, simplified, tokens_of, without_blanks
from gaprelm.edits.typed_edit import NA, NO_CORRECTION, NOOP, TypedEdit
from gaprelm.scoring.cherrant.lattice import lattices
from gaprelm.scoring.cherrant.merging import edits_of
from gaprelm.scoring.cherrant.paths import Step, cheapest_paths
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.scoring.cherrant.substitution import SubstitutionCosts

# How many sentences share a table of substitution costs. Its size depends on their characters, so memory does not grow
# with the number of all sentences.
_BLOCK = 1024
# Where the official tool fails (texts of about a thousand characters) or would not end, this one stops looking:
# cells of one dynamic programme (about 10 bytes each), alignments of one pair, steps of all of them.
_MOST_CELLS = 1 << 25
_MOST_ALIGNMENTS = 10_000
_MOST_STEPS = 1_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Annotation:
    """What one target does to its source.

    target: tokens of the target; for a noop or NA the marker.
    status: ``edits``, ``noop`` (nothing to change) or ``NA`` (not annotatable).
    alignments: the different edit lists of the cheapest alignments, at least one.
    """

    target: Sequence[str]
    status: str
    alignments: Sequence[tuple[TypedEdit, ...]]

    def edits(self) -> Iterator[TypedEdit]:
        """The edits of all alternative alignments, one after the other: the comparison pools them."""
        for alignment in self.alignments:
            yield from alignment


@dataclass(frozen=True)
class AnnotatedSentence:
    """Tokens of a source, and an annotation for every target; its place in the list is the annotator's number."""

    source: Sequence[str]
    annotations: Sequence[Annotation]


_NOOP = Annotation([NO_ERROR], NOOP, [(TypedEdit(-1, -1, NOOP, NO_CORRECTION),)])
_NA = Annotation([NOT_ANNOTATED], NA, [(TypedEdit(-1, -1, NA, NO_CORRECTION),)])


@dataclass(frozen=True)
class Annotator:
    """Extracts edits.

    resources: data for the substitution cost. Without them it knows readings only, and some edits differ in place
        (docs/use/scoring.md).
    first_only: the first cheapest alignment instead of all (``-s first``).
    keep_traditional: leave targets as they are (``--no_simplified``); sources are never simplified.
    """

    resources: Resources = field(default_factory=Resources)
    first_only: bool = False
    keep_traditional: bool = False

    def annotate(self, sentences: Iterable[tuple[str, Sequence[str]]], workers: int = 1) -> Iterator[AnnotatedSentence]:
        """The annotated sentences, in order. Memory does not depend on their number.

        Args:
            sentences: each a source and its targets; the markers ``没有错误`` and ``无法标注`` are targets too. An
                empty target deletes everything.
            workers: number of processes; 1 uses this process.
        """
        stream = iter(sentences)
        blocks = iter(lambda: list(islice(stream, _BLOCK)), [])
        if workers == 1:
            for block in blocks:
                yield from self._block(block)
            return
        with get_context("spawn").Pool(workers) as pool:
            for annotated in pool.imap(self._block, blocks):
                yield from annotated

    def _block(self, sentences: Sequence[tuple[str, Sequence[str]]]) -> list[AnnotatedSentence]:
        clean = [
            (without_blanks(source), [self._target(target) for target in targets]) for source, targets in sentences
        ]
        wanted = {
            (source, target): None
            for source, targets in clean
            for target in targets
            if target not in (source, NO_ERROR, NOT_ANNOTATED)
        }
        known = dict(zip(wanted, self._annotations(list(wanted)), strict=True))
        return [
            AnnotatedSentence(tokens_of(source), [_special(source, t) or known[source, t] for t in targets])
            for source, targets in clean
        ]

    def _target(self, text: str) -> str:
        text = without_blanks(text)
        return text if self.keep_traditional else simplified(text)

    def _annotations(self, pairs: Sequence[tuple[str, str]]) -> list[Annotation]:
        tokens = [(tokens_of(source), tokens_of(target)) for source, target in pairs]
        index: dict[str, int] = {}

        def ids(side: Sequence[str]) -> np.ndarray:
            return np.array([index.setdefault(token, len(index)) for token in side], dtype=np.int32)

        numbered = [(ids(source), ids(target)) for source, target in tokens]
        costs = SubstitutionCosts(list(index), self.resources)
        annotations: dict[int, Annotation] = {}
        for number, lattice in lattices(numbered, costs, _MOST_CELLS):
            source, target = tokens[number]
            paths = iter([_given_up(source, target)]) if lattice is None else cheapest_paths(lattice, self.first_only)
            most = min(_MOST_ALIGNMENTS, 1 + _MOST_STEPS // (len(source) + len(target)))
            alignments = dict.fromkeys(edits_of(steps, source, target) for steps in islice(paths, most))
            if next(paths, None):
                logger.warning("over %d cheapest alignments, not all count: %.30s…", most, pairs[number][0])
            annotations[number] = Annotation(target, "edits", list(alignments))
        return [annotations[number] for number in range(len(pairs))]


def _special(source: str, target: str) -> Annotation | None:
    if target == NOT_ANNOTATED:
        return _NA
    return _NOOP if target in (source, NO_ERROR) else None


def _given_up(source: Sequence[str], target: Sequence[str]) -> list[Step]:
    """For texts that are too unlike: one substitution of everything between the common start and the common end."""
    logger.warning("two texts of %d and %d characters are too unlike to be aligned: one edit", len(source), len(target))
    shorter = min(len(source), len(target))
    start = next((i for i in range(shorter) if source[i] != target[i]), shorter)
    end = next((i for i in range(shorter - start) if source[-1 - i] != target[-1 - i]), shorter - start)
    kind = "S" if start < len(source) - end and start < len(target) - end else "D"
    if start == len(source) - end:
        kind = "I"
    return [Step(kind, start, len(source) - end, start, len(target) - end)]
