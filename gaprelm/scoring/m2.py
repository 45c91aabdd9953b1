"""M2 files: writing them as ChERRANT does, byte for byte, and reading anybody's.

A block a sentence: ``S`` and the source tokens; ``T`` lines with the targets; an ``A`` line an edit; an empty line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gaprelm.errors import InputError, Problem, shown
from gaprelm.scoring.annotation import AnnotatedSentence, Annotation
from gaprelm.scoring.merging import TypedEdit
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


def m2_block(sentence: AnnotatedSentence) -> str:
    """The block of a sentence, with the empty line behind it."""
    lines = ["S " + " ".join(sentence.source)]
    for number, annotation in enumerate(sentence.annotations):
        for version, alignment in enumerate(annotation.alignments):
            lines.append(_target_line(number, version, annotation))
            lines += [f"A {e.start} {e.end}|||{e.type}|||{e.correction}|||REQUIRED|||-NONE-|||{number}" for e in alignment]
    return "\n".join(lines) + "\n\n"


def _target_line(number: int, version: int, annotation: Annotation) -> str:
    name = f"T{number}-A{version}" if annotation.status == "edits" else f"T{number}"
    return f"{name} {' '.join(annotation.target)}"


def read_m2(path: Path) -> Iterator[M2Sentence]:
    """The blocks of an M2 file.

    Raises:
        InputError: a block or line has another form; the message names the line.
    """
    block: list[Line] = []
    for line in read_lines(path):
        if line.problem:
            raise _error(line.problem)
        if line.text.strip():
            block.append(line)
        elif block:
            yield _sentence(path, block)
            block = []
    if block:
        yield _sentence(path, block)


def _sentence(path: Path, block: list[Line]) -> M2Sentence:
    first = block[0]
    if first.text != "S" and not first.text.startswith("S "):
        raise _error(Problem(path, first.number, shown(first.text), "a block to start with 'S ' and the source tokens"))
    edits = [_edit(path, line) for line in block[1:] if line.text.startswith("A ")]
    return M2Sentence(first.number, first.text[2:].split(), edits)


def _edit(path: Path, line: Line) -> tuple[int, TypedEdit]:
    fields = line.text.removeprefix("A ").split("|||")
    if len(fields) != _FIELDS:
        raise _error(Problem(path, line.number, f"{len(fields)} fields in {shown(line.text)}", _FORM))
    try:
        start, end = map(int, fields[0].split())
        annotator = int(fields[-1])
    except ValueError:
        raise _error(Problem(path, line.number, shown(line.text), f"numbers in {_FORM}")) from None
    return annotator, TypedEdit(start, end, fields[1], fields[2])


def _error(problem: Problem) -> InputError:
    return InputError(f"{problem}\n  cure: mend the line")
