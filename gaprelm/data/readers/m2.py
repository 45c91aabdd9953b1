"""M2: ``S`` lines with tokens, ``A`` lines with edits, an empty line between sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown
from gaprelm.textio import Line, read_lines

_FIELDS = 6


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record a block; one target an annotator. Tokens are joined without blanks (character M2).

    A noop annotator means that the sentence is correct, an NA annotator gives no reference. Of the alternative
    alignments of one annotator (``T0-A1`` …) the first is read: all lead to the same target.
    """
    for number, block in enumerate(_blocks(path), 1):
        yield from _read_block(path, number, block)


def _blocks(path: Path) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in read_lines(path):
        if line.text.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _read_block(path: Path, number: int, block: list[Line]) -> Iterator[Record | Problem]:
    problems = [line.problem for line in block if line.problem]
    if block[0].text[:2] != "S ":
        problems.append(Problem(path, block[0].number, shown(block[0].text), "a line that starts with 'S '"))
    tokens = block[0].text[2:].split(" ")
    annotators: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    without_reference = set()
    alternative = False
    for line in block[1:]:
        if line.text.startswith("T"):
            alternative = "-A" in line.text.split(" ")[0] and not line.text.split(" ")[0].endswith("-A0")
            continue
        edit = _read_edit(path, line, len(tokens))
        if isinstance(edit, Problem):
            problems.append(edit)
            continue
        annotator, kind, start, end, text = edit
        annotators[annotator]
        if kind == "NA":
            without_reference.add(annotator)
        elif kind != "noop" and not alternative:
            annotators[annotator].append((start, end, text))
    if problems:
        yield from problems
        return
    targets = [_apply(tokens, edits) for name, edits in annotators.items() if name not in without_reference]
    source = "".join(tokens)
    # A block without annotations is a correct sentence.
    yield Record(str(number), source, targets if annotators else [source])


def _read_edit(path: Path, line: Line, length: int) -> tuple[int, str, int, int, str] | Problem:
    fields = line.text.removeprefix("A ").split("|||")
    if not line.text.startswith("A ") or len(fields) != _FIELDS:
        return Problem(path, line.number, shown(line.text), "A START END|||TYPE|||TEXT|||REQUIRED|||-NONE-|||ANNOTATOR")
    try:
        start, end = map(int, fields[0].split(" "))
        annotator = int(fields[5])
    except ValueError:
        return Problem(path, line.number, shown(line.text), "numbers as START, END and ANNOTATOR")
    if fields[1] not in ("noop", "NA") and not 0 <= start <= end <= length:
        return Problem(path, line.number, f"span {start} {end}", f"0 <= start <= end <= {length}, the tokens")
    return annotator, fields[1], start, end, "" if fields[2] == "-NONE-" else fields[2].replace(" ", "")


def _apply(tokens: list[str], edits: list[tuple[int, int, str]]) -> str:
    pieces, done = [], 0
    for start, end, text in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [*tokens[done:start], text]
        done = max(done, end)
    return "".join([*pieces, *tokens[done:]])
