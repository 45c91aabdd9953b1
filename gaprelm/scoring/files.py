"""Files of references and hypotheses for scoring."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gaprelm.edits.m2 import M2Sentence, read_m2
from gaprelm.edits.tokens import without_blanks
from gaprelm.edits.typed_edit import NO_CORRECTION
from gaprelm.errors import InputError, Problem, counted, shown
from gaprelm.header_rows import is_header
from gaprelm.scoring.cherrant.comparison import AnnotatedEdit
from gaprelm.scoring.json_sentences import is_json, read_json_sentences
from gaprelm.textio import Line, read_lines, unescaped

# Outputs of ``gaprelm correct`` that do not hold every sentence.
_DIFF_LINE = re.compile(r".+:\d+: .*(\[-.+-\]|\{\+.+\+\})")
_EDIT_TABLE = ["file", "line", "start", "end", "type", "source", "target", "confidence"]
_CURE = "cure: both files must have the same sentences in the same order; an empty line is a sentence too"

# The end of the name of hypotheses that the workflow writes.
ESCAPED_HYPOTHESES = ".hyp.tsv"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScoringFile:
    """The sentences of a file.

    ids, sources: empty if the file does not have them.
    targets: references or hypotheses of each sentence, as text; empty if ``edits`` are given.
    edits: of each sentence, if the file is M2.
    lines: the line number of each sentence, from 1.
    """

    path: Path
    lines: Sequence[int]
    ids: Sequence[str] = ()
    sources: Sequence[str] = ()
    targets: Sequence[Sequence[str]] = ()
    edits: Sequence[Sequence[AnnotatedEdit]] = field(default=())

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, part: slice) -> ScoringFile:
        """A range of the sentences."""
        texts = (self.ids[part], self.sources[part], self.targets[part])
        return ScoringFile(self.path, self.lines[part], *texts, self.edits[part])


def read_references(path: Path) -> ScoringFile:
    """Read an M2 file, ``id TAB source TAB reference [TAB reference …]``, or JSON objects with source and target.

    Empty columns at the end are ignored. A first row of column names is left out, which is logged.

    Raises:
        InputError: a line has no reference, an empty reference, or cannot be read; the message names the line.
    """
    if is_m2(path):
        return _read_m2(path)
    table = read_table(path)
    targets = [_without_empty_end(row) for row in table.targets]
    for line, row in zip(table.lines, targets, strict=True):
        if not all(row) or not row:
            problem = Problem(path, line, "an empty reference", "text, 没有错误 or 无法标注")
            raise InputError(f"{problem}\n  cure: mend the line")
    return replace(table, targets=targets)


def read_table(path: Path) -> ScoringFile:
    """Read ``id TAB source TAB target [TAB target …]``, or JSON objects with source and target; a target may be empty.

    Raises:
        InputError: a line has another number of columns, an object lacks a key, or one cannot be read.
    """
    if is_json(path):
        return _read_json(path, with_sources=True)
    return _read_columns(path, 3, None, "id TAB source TAB reference [TAB …]")


def _without_empty_end(row: Sequence[str]) -> list[str]:
    """The row without empty columns at the end, which spreadsheets add to short rows."""
    row = list(row)
    while row and not row[-1].strip():
        row.pop()
    return row


def read_hypotheses(path: Path) -> ScoringFile:
    """Read an M2 file; ``id TAB source TAB hypothesis [TAB …]``; ``id TAB sentence``; JSON; or one sentence per line.

    JSON: an object per line, or an array of them, with ``target`` (a text, or a list of several hypotheses) and perhaps
    ``source`` and ``id``, as ``gaprelm correct --format jsonl`` writes them.

    The first line decides which of these. A first row of column names is left out, which is logged. An empty sentence
    is a hypothesis too, in which everything was deleted. In a file of the workflow (``….hyp.tsv``) tabs, line ends and
    backslashes are escaped.

    Raises:
        InputError: a line has another number of columns or cannot be read; the message names the line.
    """
    if is_m2(path):
        return _read_m2(path)
    if is_json(path):
        return _read_json(path, with_sources=False)
    start = next((line for line in read_lines(path)), Line(1, ""))
    first = start.text.count("\t")
    if first >= 2:
        table = _read_columns(path, 3, None, "id TAB source TAB hypothesis, as in line 1")
        return _unescaped(table) if path.name.endswith(ESCAPED_HYPOTHESES) else table
    if first == 1:
        return _read_columns(path, 2, 2, "id TAB sentence, as in line 1")
    if _DIFF_LINE.match(start.text):
        raise _not_scored(path, start.number, "a line of 'gaprelm correct --format diff'")
    return _read_columns(path, 1, 1, "a sentence without tabs, as in line 1")


def _unescaped(table: ScoringFile) -> ScoringFile:
    ids, sources = ([unescaped(text) for text in column] for column in (table.ids, table.sources))
    return replace(table, ids=ids, sources=sources, targets=[list(map(unescaped, row)) for row in table.targets])


def is_m2(path: Path) -> bool:
    """Whether a file is M2, by its name or because one of its lines is an edit."""
    return ".m2" in path.name or any(
        line.text.startswith("A ") and line.text.count("|||") == 5 for line in read_lines(path)
    )


def _read_m2(path: Path) -> ScoringFile:
    sentences = list(read_m2(path))
    if not sentences:
        raise _no_sentence(path)
    _warn_of_empty_corrections(path, sentences)
    return ScoringFile(
        path,
        [sentence.line for sentence in sentences],
        sources=["".join(sentence.source) for sentence in sentences],
        edits=[sentence.edits for sentence in sentences],
    )


def _warn_of_empty_corrections(path: Path, sentences: Sequence[M2Sentence]) -> None:
    """Say so where deletions have an empty text, as ERRANT writes them: the comparison is that of the official tool."""
    odd = [block.line for block in sentences for _, edit in block.edits if not edit.correction.strip()]
    if odd:
        logger.warning(
            "%s:%d: found %s with an empty text (the first in the block of this line); expected %s for a deletion, as "
            "ChERRANT writes it: here, as in the official tool, the two are never equal\n"
            "  cure: put %s in place of the empty text",
            path,
            odd[0],
            counted(len(odd), "edit"),
            NO_CORRECTION,
            NO_CORRECTION,
        )


def _read_json(path: Path, with_sources: bool) -> ScoringFile:
    sentences = read_json_sentences(path, with_sources)
    if not sentences:
        raise _no_sentence(path)
    ids = [one.id for one in sentences if one.id is not None]
    sources = [one.source for one in sentences if one.source is not None]
    return ScoringFile(
        path,
        [one.line for one in sentences],
        ids if len(ids) == len(sentences) else (),
        sources if len(sources) == len(sentences) else (),
        [one.targets for one in sentences],
    )


def _read_columns(path: Path, fewest: int, most: int | None, expected: str) -> ScoringFile:
    lines, rows = [], []
    contents = list(read_lines(path))
    while fewest > 1 and contents and not contents[-1].text.strip():
        contents.pop()
    for line in contents:
        fields = line.text.split("\t")
        if not lines and fewest > 1 and is_header(fields):
            _leave_out_header(path, line, fields)
            continue
        problem = line.problem
        if not problem and (len(fields) < fewest or (most and len(fields) > most)):
            problem = Problem(path, line.number, f"{counted(len(fields), 'column')} in {shown(line.text)}", expected)
        if problem:
            cure = (
                "convert the file" if line.problem else "mend the line; '没有错误' stands for a sentence without errors"
            )
            raise InputError(f"{problem}\n  cure: {cure}")
        lines.append(line.number)
        rows.append(fields)
    if not rows:
        raise _no_sentence(path)
    if fewest == 1:
        return ScoringFile(path, lines, targets=rows)
    ids = [row[0] for row in rows]
    if fewest == 2:
        return ScoringFile(path, lines, ids, targets=[row[1:] for row in rows])
    return ScoringFile(path, lines, ids, [row[1] for row in rows], [row[2:] for row in rows])


def _leave_out_header(path: Path, line: Line, fields: list[str]) -> None:
    if fields == _EDIT_TABLE:
        raise _not_scored(path, line.number, "the columns of 'gaprelm correct --format tsv', a table of edits")
    logger.warning("%s:%d: the row of column names %s is left out", path, line.number, shown(line.text))


def _not_scored(path: Path, line: int, found: str) -> InputError:
    """The error for an output of ``gaprelm correct`` that does not hold whole sentences."""
    return InputError(f"{path}:{line}: found {found}; expected sentences\n  cure: correct with --format text or jsonl")


def _no_sentence(path: Path) -> InputError:
    return InputError(f"{path}: no sentence in it\n  cure: check that it is the right file")


def check_same_sentences(references: ScoringFile, hypotheses: ScoringFile) -> None:
    """Raise InputError if the files do not have the same sentences; it names the first id or source that differs.

    Sources of M2 files may differ, which gives a warning: the official tool does not compare them, and one differs in
    its own sample.
    """
    for what in ("ids", "sources"):
        ours, theirs = getattr(references, what), getattr(hypotheses, what)
        if not ours or not theirs:
            continue
        for index, (expected, found) in enumerate(zip(ours, theirs, strict=False)):
            if without_blanks(expected) != without_blanks(found):
                message = (
                    f"{hypotheses.path}:{hypotheses.lines[index]}: found {what[:-1]} {shown(found)}; expected "
                    f"{shown(expected)}, as in {references.path}:{references.lines[index]}"
                )
                if what == "ids" or not (references.edits or hypotheses.edits):
                    raise InputError(f"{message}\n  {_CURE}")
                logger.warning("%s (only the first such sentence is named)", message)
                break
    fewest = min(len(references), len(hypotheses))
    if len(references) != len(hypotheses):
        longer = references if len(references) > fewest else hypotheses
        name = f"id {longer.ids[fewest]}" if longer.ids else f"sentence {fewest + 1}"
        raise InputError(
            f"{hypotheses.path} has {len(hypotheses)} sentences and {references.path} {len(references)}: "
            f"{name} ({longer.path}:{longer.lines[fewest]}) is the first without a partner\n  {_CURE}"
        )
