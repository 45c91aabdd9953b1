"""The check of one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from gaprelm.data.checking.characters import odd_characters
from gaprelm.data.checking.findings import Findings
from gaprelm.data.checking.overlap import SENTENCE, SOURCE, Overlap, TestSet
from gaprelm.data.checking.repeats import Repeats
from gaprelm.data.checking.statistics import Statistics
from gaprelm.data.checking.vocabulary import looks_like_vocabulary, vocabulary_problems
from gaprelm.data.fingerprints import normal_form, raw_fingerprint
from gaprelm.data.readers import read_records
from gaprelm.data.readers.partners import first_file
from gaprelm.data.readers.recognition import AUTO, recognise
from gaprelm.data.records import Record
from gaprelm.edits.tokens import MISSING_CONSTITUENT
from gaprelm.errors import InputError, Problem, shown
from gaprelm.pipes import is_kept

VOCABULARY = "vocabulary"
CLEAN = "clean"
# Formats whose data hold replacements only, so that a pair of unequal length is a mistake.
_SPELLING = ("sighan", "ecspell", "lemon")
_LINES_NAMED = 5


@dataclass(frozen=True)
class CheckSettings:
    """The limits that a file is checked against.

    max_insert_num, max_seq_length: limits of the model.
    max_changed_share: a pair whose edit distance / length of the longer text exceeds this is hardly a correction.
    shown: how many findings of each kind are shown.
    """

    max_insert_num: int
    max_seq_length: int
    max_changed_share: float
    shown: int


@dataclass
class FileReport:
    """What was found in a file."""

    path: str
    format: str
    reason: str | None
    findings: Findings
    statistics: Statistics
    overlaps: Sequence[Overlap] = ()
    tokens: int | None = None
    read_from: str = ""
    _ids: Repeats = field(default_factory=Repeats)
    _pairs: Repeats = field(default_factory=Repeats)

    def as_dict(self) -> dict[str, Any]:
        """The report with stable keys (docs/use/formats.md)."""
        contents = {"tokens": self.tokens} if self.format == VOCABULARY else self.statistics.as_dict()
        overlap = [
            {
                "file": item.test.name,
                "sentences": item.test.sentences,
                "sources": item.hits[SOURCE],
                "share": item.hits[SOURCE] / max(self.statistics.sentences, 1),
                "others": item.hits[SENTENCE],
            }
            for item in self.overlaps
        ]
        return {
            "file": self.path,
            "format": self.format,
            "recognised_by": self.reason,
            "status": self.findings.status,
            **contents,
            "overlap": overlap,
            "problems": self.findings.as_dict(),
        }


def check_file(path: str, data_format: str, settings: CheckSettings, tests: Sequence[TestSet] = ()) -> FileReport:
    """Read a whole file; report its problems and its statistics.

    Args:
        path: a file, or ``A+B``; of two files that belong together by their names (``X_error.txt`` and
            ``X_correct.txt``), either one.
        data_format: a format, ``vocabulary`` or ``auto``.
        tests: test sets whose sentences are looked for in the file.
    """
    report = FileReport(
        path,
        data_format,
        None,
        Findings(settings.shown),
        Statistics(settings.max_insert_num, settings.max_seq_length),
        [Overlap(test) for test in tests],
    )
    for test in tests:
        for problem in test.unread:
            found = f"a record of the test set that cannot be read ({problem.found})"
            expected = f"{problem.expected}; overlap with this record is not found"
            report.findings.add(replace(problem, found=found, expected=expected, warning=True))
    try:
        if data_format == AUTO:
            report.format, report.reason = _recognised(path)
        if report.format == VOCABULARY:
            _check_vocabulary(report)
        else:
            first = first_file(Path(path)) if report.format != CLEAN else None
            report.read_from = str(first or path)
            _check_records(report, settings)
    except (InputError, OSError) as error:  # OSError: no permission
        report.findings.add(Problem(Path(path), 0, str(error), "a file that can be read"))
    return report


def _recognised(path: str) -> tuple[str, str]:
    if (is_kept(Path(path)) or Path(path).is_file()) and looks_like_vocabulary(Path(path)):
        return VOCABULARY, "special tokens of BERT"
    return recognise(path)


def _check_vocabulary(report: FileReport) -> None:
    report.tokens = 0
    for item in vocabulary_problems(Path(report.path)):
        report.tokens += isinstance(item, str)
        if isinstance(item, Problem):
            report.findings.add(item)


def _check_records(report: FileReport, settings: CheckSettings) -> None:
    for item in read_records(report.read_from, report.format):
        for problem in [item] if isinstance(item, Problem) else _check_record(report, item, settings):
            report.findings.add(problem)
    for problem in _check_whole(report):
        report.findings.add(problem)


def _check_record(report: FileReport, record: Record, settings: CheckSettings) -> Iterator[Problem]:
    """Warnings about one record, which is also counted."""
    path = Path(report.read_from)
    name = record.id if record.id != str(record.line) else None

    def warning(found: str, expected: str) -> Problem:
        return Problem(path, record.line, found, expected, name, warning=True)

    texts = (record.source, *record.targets)
    report._ids.add(raw_fingerprint(record.id), record.line)
    if record.targets:
        report._pairs.add(raw_fingerprint("\t".join(map(normal_form, texts))), record.line)
    for character in dict.fromkeys(c for text in texts for c in odd_characters(text)):
        yield warning(character, "characters that can be seen")
    if any(MISSING_CONSTITUENT in text for text in record.targets):
        yield warning(f"the marker {MISSING_CONSTITUENT} in a reference", "text: the model would learn the marker")
    for reason in report.statistics.add(record):
        found = f"{reason} ({len(record.source):,} characters in all)"
        yield warning(found, "a pair that fits, or can be cut: training leaves this one or a piece of it out")
    if not record.targets and len(record.source) + 2 > settings.max_seq_length:
        found = f"a sentence of {len(record.source):,} characters"
        yield warning(found, f"at most {settings.max_seq_length - 2}, by max_seq_length; longer text is split")
    for target in record.targets:
        if report.format in _SPELLING and len(target) != len(record.source):
            found = f"a source of {len(record.source)} and a reference of {len(target)} characters"
            yield warning(found, f"equal lengths in spelling data ({report.format})")
        changed = _changed_share(record.source, target, settings.max_changed_share)
        if changed > settings.max_changed_share:
            found = f"more than {settings.max_changed_share:.0%} of the characters changed"
            yield warning(found, "a correction, not another text")
    for overlap in report.overlaps:
        if found := overlap.find(record):
            name = overlap.test.name
            yield warning(f"a {found.what} of {name}:{found.line}", f"no {found.what} of the test set {name}")


def _changed_share(source: str, target: str, limit: float) -> float:
    """Edit distance / length of the longer text; the search stops as soon as it exceeds the limit."""
    longest = max(len(source), len(target))
    cutoff = int(limit * longest) + 1
    return Levenshtein.distance(source, target, score_cutoff=cutoff) / longest if longest else 0.0


def _check_whole(report: FileReport) -> Iterator[Problem]:
    """Problems that only the whole file shows."""
    path, statistics = Path(report.read_from), report.statistics
    yield from _repeated_ids(report)
    for lines in report._pairs.groups():
        yield Problem(path, lines[0], f"a record {_times(lines)}", "each record once", warning=True)
    if not statistics.sentences:
        if not report.findings.errors:
            # Only a warning for plain text: gaprelm correct can read a file of blank lines, but nothing can be learned.
            yield Problem(path, 1, "no record", "at least one", warning=report.format == CLEAN)
    elif statistics.without_reference == statistics.sentences:
        yield Problem(path, 1, "no reference in the whole file", "references, to train on or to score", warning=True)
    elif report.format != CLEAN and statistics.identical == statistics.pairs:
        yield Problem(path, 1, "every source equal to its reference", "pairs with errors", warning=True)


def _repeated_ids(report: FileReport) -> Iterator[Problem]:
    """Repeated ids. Only fingerprints were kept, so the file is read again for the ids that will be shown."""
    groups = list(report._ids.groups())
    wanted = {lines[0] for lines in groups[: report.findings.limit]}
    names: dict[int, str] = {}
    if wanted:
        for item in read_records(report.read_from, report.format):
            if isinstance(item, Record) and item.line in wanted:
                names[item.line] = item.id
                if len(names) == len(wanted):
                    break
    for lines in groups:
        found = f"the id {shown(names.get(lines[0], '…'))} {_times(lines)}"
        yield Problem(Path(report.read_from), lines[0], found, "each id once", warning=True)


def _times(lines: Sequence[int]) -> str:
    named = ", ".join(map(str, lines[:_LINES_NAMED])) + (", …" if len(lines) > _LINES_NAMED else "")
    return f"{len(lines)} times, in lines {named}"
