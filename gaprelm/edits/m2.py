"""Reads M2 files, of ChERRANT or any other tool. (``gaprelm.scoring.cherrant.m2_writing`` writes them.)

Each sentence has a block: ``S`` and the source tokens; ``T`` lines with the targets; an ``A`` line for each edit; an
empty line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gaprelm.edits.typed_edit import TypedEdit
from gaprelm.errors import InputError, Problem, shown
from gaprelm.textio import Line, read_lines

_FIELDS = 6
_FORM = "A START END|||TYPE|||TEXT|||REQUIRED|||-NONE-|||ANNOTATOR"


class M2Sentence(NamedTuple):
    """A block of an M2 file.

    line: of the ``S`` line, from 1.
    source: its tokens.
    edits: (annotator, edit) in the order of the file.
    """

    line: int
    source: list[str]
    edits: list[tuple[int, TypedEdit]]


def read_m2(path: Path) -> Iterator[M2Sentence]:
    """The blocks of an M2 file.

    Raises:
        InputError: a block or line does not have this form; the message names the line.
    """
    for first, *others in m2_blocks(path):
        problem = first.problem or source_problem(path, first)
        found = [edit_of(path, line) for line in others if line.text.startswith("A ")]
        problem = problem or next((edit for edit in found if isinstance(edit, Problem)), None)
        if problem:
            raise InputError(f"{problem}\n  cure: mend the line")
        edits = [edit for edit in found if not isinstance(edit, Problem)]
        yield M2Sentence(first.number, source_tokens(first), edits)


def m2_blocks(path: Path) -> Iterator[list[Line]]:
    """The lines of each block, without the empty ones between blocks."""
    block: list[Line] = []
    for line in read_lines(path):
        if line.text.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def source_problem(path: Path, line: Line) -> Problem | None:
    """What is wrong with the first line of a block."""
    if line.text == "S" or line.text.startswith("S "):
        return None
    return Problem(path, line.number, shown(line.text), "a line that starts with 'S '")


def source_tokens(line: Line) -> list[str]:
    """The tokens of an ``S`` line. One or more blanks separate them; other white space belongs to them."""
    return [token for token in line.text[2:].split(" ") if token]


def edit_of(path: Path, line: Line) -> tuple[int, TypedEdit] | Problem:
    """Annotator and edit of an ``A`` line, or what is wrong with it."""
    if line.problem:
        return line.problem
    fields = line.text.removeprefix("A ").split("|||")
    if not line.text.startswith("A ") or len(fields) != _FIELDS:
        return Problem(path, line.number, shown(line.text), _FORM)
    try:
        start, end = map(int, fields[0].split())
        annotator = int(fields[-1])
    except ValueError:
        return Problem(path, line.number, shown(line.text), "numbers as START, END and ANNOTATOR")
    return annotator, TypedEdit(start, end, fields[1], fields[2])
