"""Files of references and hypotheses for scoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gaprelm.errors import InputError, Problem, shown
from gaprelm.scoring.comparison import AnnotatedEdit
from gaprelm.scoring.m2 import read_m2
from gaprelm.scoring.tokens import without_blanks
from gaprelm.textio import read_lines

_CURE = "cure: both files must have the same sentences in the same order"


@dataclass(frozen=True)
class ScoringFile:
    """Sentences of a file, one after the other.

    ids, sources: empty where the file does not have them.
    targets: references or hypotheses of each sentence, as text; empty where ``edits`` are given.
    edits: of each sentence, where the file is M2.
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
        columns = (self.lines, self.ids, self.sources, self.targets, self.edits)
        return ScoringFile(self.path, *(column[part] for column in columns))


def read_references(path: Path) -> ScoringFile:
    """An M2 file, or ``id TAB source TAB reference [TAB reference …]``.

    Raises:
        InputError: naming the line, where it has no reference or cannot be read.
    """
    return _read_m2(path) if is_m2(path) else _read_columns(path, 3, None, "id TAB source TAB reference [TAB …]")


def read_hypotheses(path: Path) -> ScoringFile:
    """An M2 file; ``id TAB source TAB hypothesis [TAB …]``; ``id TAB sentence``; or one sentence a line.

    The first line decides which of them. An empty sentence is a hypothesis too: all was deleted.

    Raises:
        InputError: naming the line, where it has another number of columns or cannot be read.
    """
    if is_m2(path):
        return _read_m2(path)
    first = next(read_lines(path)).text.count("\t")
    if first >= 2:
        return _read_columns(path, 3, None, "id TAB source TAB hypothesis, as in line 1")
    if first == 1:
        return _read_columns(path, 2, 2, "id TAB sentence, as in line 1")
    return _read_columns(path, 1, 1, "a sentence without tabs, as in line 1")


def is_m2(path: Path) -> bool:
    """Whether a file is M2: by its name, or because a line of it is an edit."""
    return ".m2" in path.name or any(
        line.text.startswith("A ") and line.text.count("|||") == 5 for line in read_lines(path)
    )


def _read_m2(path: Path) -> ScoringFile:
    sentences = list(read_m2(path))
    return ScoringFile(
        path,
        [sentence.line for sentence in sentences],
        sources=["".join(sentence.source) for sentence in sentences],
        edits=[sentence.edits for sentence in sentences],
    )


def _read_columns(path: Path, fewest: int, most: int | None, expected: str) -> ScoringFile:
    lines, rows = [], []
    contents = list(read_lines(path))
    while fewest > 1 and contents and not contents[-1].text.strip():
        contents.pop()
    for line in contents:
        fields = line.text.split("\t")
        problem = line.problem
        if not problem and (len(fields) < fewest or (most and len(fields) > most)):
            problem = Problem(
                path, line.number, f"{len(fields)} column{'s'[: len(fields) > 1]} in {shown(line.text)}", expected
            )
        if problem:
            raise InputError(f"{problem}\n  cure: mend the line ('没有错误' stands for a sentence without errors)")
        lines.append(line.number)
        rows.append(fields)
    if fewest == 1:
        return ScoringFile(path, lines, targets=rows)
    ids = [row[0] for row in rows]
    if fewest == 2:
        return ScoringFile(path, lines, ids, targets=[row[1:] for row in rows])
    return ScoringFile(path, lines, ids, [row[1] for row in rows], [row[2:] for row in rows])


def check_same_sentences(references: ScoringFile, hypotheses: ScoringFile) -> None:
    """Raise InputError naming the first sentence whose id or source differs, or that only one file has.

    Sources of M2 files are not compared: the official tool does not either, and its own sample has one that differs.
    """
    for what in ("ids", "sources"):
        ours, theirs = getattr(references, what), getattr(hypotheses, what)
        if not ours or not theirs or (what == "sources" and (references.edits or hypotheses.edits)):
            continue
        for index, (expected, found) in enumerate(zip(ours, theirs, strict=False)):
            if without_blanks(expected) != without_blanks(found):
                raise InputError(
                    f"{hypotheses.path}:{hypotheses.lines[index]}: found {what[:-1]} {shown(found)}; expected "
                    f"{shown(expected)}, as in {references.path}:{references.lines[index]}\n  {_CURE}"
                )
    fewest = min(len(references), len(hypotheses))
    if len(references) != len(hypotheses):
        longer = references if len(references) > fewest else hypotheses
        name = f"id {longer.ids[fewest]}" if longer.ids else f"sentence {fewest + 1}"
        raise InputError(
            f"{hypotheses.path} has {len(hypotheses)} sentences and {references.path} {len(references)}: "
            f"{name} ({longer.path}:{longer.lines[fewest]}) is the first without a partner\n  {_CURE}"
        )
