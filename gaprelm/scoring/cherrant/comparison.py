"""Compares edits of hypotheses with edits of references, as ChERRANT's ``compare_m2_for_evaluation.py`` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gaprelm.edits.typed_edit import ALTERNATIVES, NA, NO_CORRECTION, NOOP, TypedEdit
from gaprelm.errors import ConfigurationError
from gaprelm.scoring.counts import Counts

# What makes two edits the same, by the tool's names of the options.
UNITS = {
    "cs": "span-based correction: place and text",
    "cse": "span-based correction with types: place, text and type",
    "ds": "span-based detection: place",
    "dt": "token-based detection: every token of the place by itself",
}
AnnotatedEdit = tuple[int, TypedEdit]
_LARGEST_BETA = 1000


@dataclass(frozen=True)
class ComparisonOptions:
    """What counts, and how.

    unit: a key of ``UNITS``.
    beta: of the F-beta that chooses among several references, and that is reported.
    size: ``all``; ``single``: only edits of fewer than two source tokens; ``multi``: only edits of two or more.
    left_out: types of edits that do not count.
    max_annotators: count only the annotators 0 … n - 1, on both sides.
    references: count only sentences with exactly this many annotators.
    """

    unit: str = "cs"
    beta: float = 0.5
    size: str = "all"
    left_out: frozenset[str] = frozenset()
    max_annotators: int | None = None
    references: int | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ConfigurationError(f"unit {self.unit!r}; expected one of {', '.join(UNITS)}")
        if self.size not in ("all", "single", "multi"):
            raise ConfigurationError(f"size {self.size!r}; expected all, single or multi")
        if not 0 < self.beta <= _LARGEST_BETA:
            raise ConfigurationError(
                f"beta {self.beta}; expected a number above 0, up to {_LARGEST_BETA}\n"
                "  cure: 0.5 weighs precision double, 1 neither, 2 recall double"
            )


class SentenceCounts(NamedTuple):
    """The comparison of one hypothesis with one reference.

    counts: all edits; ``by_type`` the same by type.
    hypothesis, reference: numbers of the annotators.
    """

    counts: Counts
    by_type: dict[str, Counts]
    hypothesis: int
    reference: int


# The edits of one annotator: a key, equal for edits that count as the same, and the types of these edits.
EditTable = dict[Hashable, list[str]]


def edit_tables(edits: Iterable[AnnotatedEdit], options: ComparisonOptions) -> dict[int, EditTable]:
    """A table of edits for every annotator.

    Edits of alternative alignments are pooled: an edit that occurs in three of them has three types in its list.
    """
    tables: dict[int, EditTable] = {}
    limit = options.max_annotators
    kept = [edit for edit in edits if limit is None or edit[0] < limit]
    for annotator, edit in kept or [(0, TypedEdit(-1, -1, NOOP, NO_CORRECTION))]:
        table = tables.setdefault(annotator, {})
        if _counts(edit, options):
            for key in _keys(edit, options.unit):
                table.setdefault(key, []).append(edit.type)
    return tables


def _counts(edit: TypedEdit, options: ComparisonOptions) -> bool:
    if edit.type == "UNK" and options.unit in ("cs", "cse"):
        return False
    long = edit.end - edit.start >= 2
    if (options.size == "single" and long) or (options.size == "multi" and not long):
        return False
    return edit.type not in options.left_out


def _keys(edit: TypedEdit, unit: str) -> Iterator[Hashable]:
    start, end, kind, _ = edit
    if unit == "cs":
        yield start, end, _text(edit)
    elif unit == "cse":
        yield start, end, kind, _text(edit)
    elif unit == "ds":
        yield start, end
    elif start == -1:
        yield start, start
    elif start == end:
        # An insertion belongs to the token on its right.
        yield start, start + 1
    else:
        for token in range(start, end):
            yield token, token + 1


def _text(edit: TypedEdit) -> str | tuple[str, ...]:
    """The text of an edit without blanks, as the official tool compares it; a tuple of texts where any one is right."""
    if ALTERNATIVES in edit.correction:
        return tuple(text or NO_CORRECTION for text in edit.texts)
    return edit.correction.replace(" ", "")


def _chosen(expected: EditTable, proposed: EditTable) -> EditTable:
    """The table, with one text for each edit that has several: the one that was proposed, else the first.

    The official tool does not know such edits.
    """
    if not any(isinstance(key, tuple) and isinstance(key[-1], tuple) for key in expected):
        return expected
    table: EditTable = {}
    for key, types in expected.items():
        options = [key]
        if isinstance(key, tuple) and isinstance(key[-1], tuple):
            options = [(*key[:-1], text) for text in key[-1]]
        table.setdefault(next((option for option in options if option in proposed), options[0]), []).extend(types)
    return table


def candidates(hypotheses: dict[int, EditTable], references: dict[int, EditTable]) -> list[SentenceCounts]:
    """The comparison of every hypothesis of a sentence with every reference: first those of the first hypothesis.

    If the only reference is not annotatable, there is one candidate, whose counts are 0.
    """
    if len(references) == 1:
        (table,) = references.values()
        if [types[0] for types in table.values()] == [NA]:
            return [SentenceCounts(Counts(), {}, 0, 0)]
    return [
        _compare(proposed, expected, hypothesis, reference)
        for hypothesis, proposed in hypotheses.items()
        for reference, expected in references.items()
    ]


def _compare(proposed: EditTable, expected: EditTable, hypothesis: int, reference: int) -> SentenceCounts:
    proposed, expected = _chosen(proposed, {}), _chosen(expected, proposed)
    right, wrong, missed = Counter(), Counter(), Counter()
    for key, types in proposed.items():
        if types[0] != NOOP:
            if key in expected:
                right.update(expected[key])
            else:
                wrong.update(types)
    for key, types in expected.items():
        if types[0] != NOOP and key not in proposed:
            missed.update(types)
    by_type = {name: Counts(right[name], wrong[name], missed[name]) for name in {**right, **wrong, **missed}}
    return SentenceCounts(Counts(right.total(), wrong.total(), missed.total()), by_type, hypothesis, reference)


class RunningChoice:
    """Chooses among the candidates of each sentence, in the order of the sentences.

    It takes the candidate with which the totals so far reach the highest F-beta, rounded to four digits; of equal ones
    the one with more true positives, then fewer false positives, then fewer false negatives, then the first. The choice
    depends on beta and on the order, and is not always the best one for the sentence alone.
    """

    def __init__(self, beta: float) -> None:
        self._beta = beta
        self.total = Counts()

    def choose(self, options: Sequence[SentenceCounts]) -> SentenceCounts:
        """The best candidate, added to the totals."""
        best = options[0] if len(options) == 1 else max(options, key=self._preference)
        self.total += best.counts
        return best

    def _preference(self, candidate: SentenceCounts) -> tuple[float, int, int, int]:
        counts = candidate.counts
        return round((self.total + counts).f(self._beta), 4), counts.tp, -counts.fp, -counts.fn


def compare(
    hypotheses: Iterable[Iterable[AnnotatedEdit]],
    references: Iterable[Iterable[AnnotatedEdit]],
    options: ComparisonOptions,
) -> list[SentenceCounts]:
    """The chosen comparison of every sentence that counts. Both sides give the edits of the same sentences in order."""
    choice = RunningChoice(options.beta)
    chosen = []
    for proposed, expected in zip(hypotheses, references, strict=True):
        tables = edit_tables(expected, options)
        if options.references in (None, len(tables)):
            chosen.append(choice.choose(candidates(edit_tables(proposed, options), tables)))
    return chosen


def by_category(totals: dict[str, Counts], level: int) -> dict[str, Counts]:
    """Counts by type, grouped as the official tool's option ``-cat`` does.

    Args:
        level: 1, the first letter of the type; 2, the type without its first two characters (at character level nothing
            is left, so all are in one row); 3, the type itself.
    """
    names = {1: lambda name: name[:1], 2: lambda name: name[2:], 3: lambda name: name}
    if level not in names:
        raise ConfigurationError(f"category level {level}; expected 1, 2 or 3")
    grouped: dict[str, Counts] = {}
    for name, counts in totals.items():
        key = names[level](name)
        grouped[key] = grouped.get(key, Counts()) + counts
    return grouped
