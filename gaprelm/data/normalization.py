"""Raw files to sentences with references: reading, cleaning of training text, counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from gaprelm.data.readers import read_valid_records
from gaprelm.data.tables import Sentence
from gaprelm.errors import Problem
from gaprelm.sources import Source, corpus_name, selected

# What is invisible or a line end in disguise, in training text only. Punctuation, full width, case and script stay:
# NFKC would turn ，！？：；（） into ASCII, and the model would learn to do so too.
_DELETED = "\u00ad\u200b\u2060\ufeff" + "".join(map(chr, [*range(0x00, 0x09), *range(0x0E, 0x20), 0x7F]))
_BLANKS = "\u00a0\u0085\u2028\u2029\u000b\u000c\t"
NORMALIZATION_TABLE = str.maketrans(dict.fromkeys(_DELETED, "") | dict.fromkeys(_BLANKS, " "))

_PROBLEMS_SHOWN = 100


def normalize_files(
    sources: Sequence[Source], on_bad_record: str, clean: bool
) -> tuple[list[Sentence], dict[str, Any]]:
    """The sentences of all files, in order, and what there is to know about them.

    Args:
        sources: files of one split.
        on_bad_record: ``error`` or ``skip``.
        clean: apply ``NORMALIZATION_TABLE`` to sources and references alike (training data). Dev and test
            sentences are scored as they were written.

    Raises:
        InputError: a bad record under ``error``, or a file without records.
    """
    sentences: list[Sentence] = []
    problems: list[Problem] = []
    changed = 0
    for origin in sources:
        records, bad = read_valid_records(origin.path, origin.format, on_bad_record)
        problems += bad
        corpus = corpus_name(origin.path)
        for record in selected(records, origin.part):
            row = Sentence(record.id, corpus, record.source, record.targets)
            if clean:
                row = _cleaned(row)
                changed += row.source != record.source or row.targets != record.targets
            sentences.append(row)
    return sentences, _report(sentences, problems, changed)


def _cleaned(row: Sentence) -> Sentence:
    targets = [target.translate(NORMALIZATION_TABLE) for target in row.targets]
    return row._replace(source=row.source.translate(NORMALIZATION_TABLE), targets=targets)


def _report(sentences: list[Sentence], problems: list[Problem], changed: int) -> dict[str, Any]:
    return {
        "sentences": len(sentences),
        "with_error": sum(any(target != s.source for target in s.targets) for s in sentences),
        "references": sum(len(s.targets) for s in sentences),
        "left_out": {"no reference": sum(not s.targets for s in sentences)},
        "changed_by_normalization": changed,
        "bad_records": len(problems),
        "bad_records_by_expectation": dict(Counter(problem.expected for problem in problems).most_common(20)),
        "bad_records_shown": [str(problem) for problem in problems[:_PROBLEMS_SHOWN]],
    }
