"""ChERRANT scores of files: texts or M2, a range of the sentences, several systems against the same references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gaprelm.scoring.cherrant.annotation import AnnotatedSentence, Annotator
from gaprelm.scoring.cherrant.comparison import AnnotatedEdit, ComparisonOptions, compare
from gaprelm.scoring.cherrant.score import CherrantScore, flat_edits
from gaprelm.scoring.files import ScoringFile, check_same_sentences, read_hypotheses, read_references
from gaprelm.scoring.signature import signature

# Passes the annotated sentences on, to show progress; gets the sentences and their number.
Progress = Callable[[Iterable[AnnotatedSentence], int], Iterator[AnnotatedSentence]]


def score_files(
    references: Path,
    hypotheses: Sequence[Path],
    options: ComparisonOptions | None = None,
    annotator: Annotator | None = None,
    start: int | None = None,
    end: int | None = None,
    workers: int = 1,
) -> list[CherrantScore]:
    """Score the corrected sentences of one or more systems.

    ``gaprelm.scoring.significance`` tells from the ``table()`` of two scores whether the systems differ.

    Args:
        references: ``id TAB source TAB reference [TAB reference …]``, or M2.
        hypotheses: a file for each system, in a form that ``gaprelm.scoring.files.read_hypotheses`` reads.
        options: what counts, and beta; F0.5 over places and texts by default.
        annotator: extracts the edits of texts, as in ``gaprelm.scoring.cherrant.cherrant``; M2 files need none.
        start, end: score only the sentences from ``start`` on and before ``end``, counted from 0.
        workers: processes that extract edits.

    Returns:
        A score for each file of ``hypotheses``, in their order.

    Raises:
        InputError: a file cannot be read, or the files do not have the same sentences.
    """
    return ScoredFiles.read(references, hypotheses, start, end).scores(options, annotator, workers)


@dataclass(frozen=True)
class ScoredFiles:
    """The files that ``score_files`` scores, so that a caller can look at them before edits are extracted.

    start, end: the chosen range, for the signature.
    """

    references: ScoringFile
    hypotheses: Sequence[ScoringFile]
    start: int | None = None
    end: int | None = None

    @classmethod
    def read(
        cls, references: Path, hypotheses: Sequence[Path], start: int | None = None, end: int | None = None
    ) -> ScoredFiles:
        """Read the files and check that they have the same sentences; arguments and errors as in ``score_files``."""
        part = slice(start, end)
        expected = read_references(references)[part]
        found = [read_hypotheses(path)[part] for path in hypotheses]
        for file in found:
            check_same_sentences(expected, file)
        return cls(expected, found, start, end)

    @property
    def need_annotator(self) -> bool:
        """Whether edits must be extracted from texts, because not all files are M2."""
        return not all(file.edits for file in (self.references, *self.hypotheses))

    def scores(
        self,
        options: ComparisonOptions | None = None,
        annotator: Annotator | None = None,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> list[CherrantScore]:
        """A score for each file of hypotheses; arguments as in ``score_files``."""
        options = options or ComparisonOptions()
        extractor = (annotator or Annotator()) if self.need_annotator else None
        expected = self._edits(self.references, extractor, workers, progress)
        # A sentence without edits still has one annotator, who found nothing.
        numbers = [len({number for number, _ in edits}) or 1 for edits in expected]
        name = signature(extractor, options, numbers, self._signature_parts())
        found = [self._edits(file, extractor, workers, progress) for file in self.hypotheses]
        return [CherrantScore(compare(edits, expected, options), options, name) for edits in found]

    def _edits(
        self, file: ScoringFile, annotator: Annotator | None, workers: int, progress: Progress | None
    ) -> list[list[AnnotatedEdit]]:
        """The edits of each sentence, taken from an M2 file or extracted."""
        if file.edits or annotator is None:
            return [list(edits) for edits in file.edits]
        pairs = zip(file.sources or self.references.sources, file.targets, strict=True)
        annotated: Iterable[AnnotatedSentence] = annotator.annotate(pairs, workers)
        if progress:
            annotated = progress(annotated, len(file))
        return [flat_edits(sentence) for sentence in annotated]

    def _signature_parts(self) -> dict[str, str]:
        """Further parts of the signature: the sides whose edits were read from M2, and the range."""
        sides = {"references": self.references, "hypotheses": self.hypotheses[0]}
        read = [name for name, file in sides.items() if file.edits]
        parts = {"m2": "+".join(read)} if read else {}
        if self.start is not None or self.end is not None:
            parts["sentences"] = f"{self.start or 0}-{'' if self.end is None else self.end}"
        return parts
