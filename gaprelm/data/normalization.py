"""Turns raw files into sentences with references: reads them, normalizes training text, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gaprelm.data.readers import valid_records
from gaprelm.data.records import Record, Sentence
from gaprelm.data.sources import Source, corpus_name, selected
from gaprelm.edits.tokens import simplified
from gaprelm.errors import Problem

# In training text, invisible characters are deleted, and tabs, no-break spaces and unusual line ends become blanks.
# Punctuation, full width, case and script stay: NFKC would turn ，！？：；（） into ASCII, and the model would too.
_DELETED = "\u00ad\u200b\u2060\ufeff" + "".join(map(chr, [*range(0x00, 0x09), *range(0x0E, 0x20), 0x7F]))
_BLANKS = "\u00a0\u0085\u2028\u2029\u000b\u000c\t"
NORMALIZATION_TABLE = str.maketrans(dict.fromkeys(_DELETED, "") | dict.fromkeys(_BLANKS, " "))

_PROBLEMS_SHOWN = 100


@dataclass
class NormalizationCounts:
    """What ``normalized_sentences`` has read and changed."""

    sentences: int = 0
    with_error: int = 0
    references: int = 0
    without_reference: int = 0
    changed: int = 0
    simplified: int = 0
    bad_records: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The counts under the names that data/summary.json gives them."""
        return {
            "sentences": self.sentences,
            "with_error": self.with_error,
            "references": self.references,
            "left_out": {"no reference": self.without_reference},
            "changed_by_normalization": self.changed,
            "simplified": self.simplified,
            "bad_records": len(self.bad_records),
            "bad_records_by_expectation": _by_expectation(self.bad_records),
            "bad_records_shown": [str(problem) for problem in self.bad_records[:_PROBLEMS_SHOWN]],
            "warnings": len(self.warnings),
            "warnings_by_expectation": _by_expectation(self.warnings),
        }


def normalized_sentences(
    sources: Sequence[Source], on_bad_record: str, clean: bool, simplify: bool, counts: NormalizationCounts
) -> Iterator[Sentence]:
    """The sentences of all files, in order, one at a time.

    Args:
        sources: files of one split.
        on_bad_record: ``error`` or ``skip``.
        clean: apply ``NORMALIZATION_TABLE`` to sources and references alike (training data). Dev and test
            sentences are scored as they were written.
        simplify: turn traditional characters into simplified ones (OpenCC, t2s), sources and references alike.
        counts: is updated.

    Raises:
        InputError: a bad record under ``error``, or a file without records.
    """
    for origin in sources:
        problems: list[Problem] = []
        corpus = corpus_name(origin.path)
        records = selected(valid_records(origin.path, origin.format, on_bad_record, problems), origin.part)
        for row in _rows(records, corpus, origin.references_as_clean):
            if clean:
                row, before = _mapped(row, lambda text: text.translate(NORMALIZATION_TABLE)), row
                counts.changed += row != before
            if simplify:
                row, before = _mapped(row, simplified), row
                counts.simplified += row != before
            counts.sentences += 1
            counts.with_error += any(target != row.source for target in row.targets)
            counts.references += len(row.targets)
            counts.without_reference += not row.targets
            yield row
        counts.bad_records += [problem for problem in problems if not problem.warning]
        counts.warnings += [problem for problem in problems if problem.warning]


def _rows(records: Iterable[Record], corpus: str, references_as_clean: bool) -> Iterator[Sentence]:
    """The sentences of some records, or their references as clean sentences, each reference of a record once."""
    for record in records:
        if references_as_clean:
            yield from (Sentence(record.id, corpus, text, [text]) for text in dict.fromkeys(record.targets))
        else:
            yield Sentence(record.id, corpus, record.source, record.targets)


def _mapped(row: Sentence, change: Callable[[str], str]) -> Sentence:
    return row._replace(source=change(row.source), targets=[change(target) for target in row.targets])


def _by_expectation(problems: Sequence[Problem]) -> dict[str, int]:
    return dict(Counter(problem.expected for problem in problems).most_common(20))
