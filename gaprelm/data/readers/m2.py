"""M2: ``S`` lines with tokens, ``A`` lines with edits, an empty line between sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product
from pathlib import Path

from gaprelm.data.records import Record
from gaprelm.edits.m2 import edit_of, m2_blocks, source_problem, source_tokens
from gaprelm.errors import Problem
from gaprelm.textio import Line

# Start and end among the tokens, and the texts of which any one is right.
_Edit = tuple[int, int, list[str]]
# Edits may have several texts, of which any one is right: at most so many of their combinations become references.
_MOST_REFERENCES = 8


def read(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """One record per block, with one target per annotator. Tokens are joined without blanks (character M2).

    ``noop`` means that the annotator finds the sentence correct, ``NA`` that the annotator gives no reference. Of
    alternative alignments of one annotator (``T0-A1`` …) the first is read: all lead to the same target. Where an edit
    has several texts (``A||B``), an annotator gives a target for each choice, the first eight.
    """
    for number, block in enumerate(m2_blocks(path), 1):
        yield from _read_block(path, number, block)


def _read_block(path: Path, number: int, block: list[Line]) -> Iterator[Record | Problem]:
    problems = [line.problem for line in block if line.problem]
    if problem := source_problem(path, block[0]):
        problems.append(problem)
    tokens = source_tokens(block[0])
    annotators: dict[int, list[_Edit]] = defaultdict(list)
    without_reference = set()
    alternative = False
    for line in block[1:]:
        if line.text.startswith("T"):
            alternative = "-A" in line.text.split(" ")[0] and not line.text.split(" ")[0].endswith("-A0")
            continue
        parsed = edit_of(path, line)
        if isinstance(parsed, Problem):
            problems += [] if line.problem else [parsed]
            continue
        annotator, edit = parsed
        start, end, kind, _ = edit
        annotators[annotator]
        if kind == "NA":
            without_reference.add(annotator)
        elif kind != "noop" and not 0 <= start <= end <= len(tokens):
            expected = f"0 <= start <= end <= {len(tokens)}, the tokens"
            problems.append(Problem(path, line.number, f"span {start} {end}", expected))
        elif kind != "noop" and not alternative:
            annotators[annotator].append((start, end, edit.texts))
    problems += _overlaps(path, block[0].number, annotators)
    if problems:
        yield from problems
        return
    chosen = [edits for name, edits in annotators.items() if name not in without_reference]
    targets = [target for edits in chosen for target in _targets(tokens, edits)]
    source = "".join(tokens)
    if not source.strip():
        yield Problem(path, block[0].number, "an empty sentence", "tokens after 'S '", str(number), warning=True)
        targets = []
    elif not annotators:
        targets = [source]  # a block without annotations is a correct sentence
    yield Record(str(number), source, targets, block[0].number)


def _overlaps(path: Path, line: int, annotators: dict[int, list[_Edit]]) -> Iterator[Problem]:
    for name, edits in annotators.items():
        for first, second in pairwise(_ordered(edits)):
            if second[0] < first[1]:
                found = f"edits of annotator {name} that overlap: {first[:2]}, {second[:2]}"
                yield Problem(path, line, found, "disjoint spans")


def _ordered(edits: list[_Edit]) -> list[_Edit]:
    """By span; insertions at one place stay in the order of the file."""
    return sorted(edits, key=lambda edit: edit[:2])


def _targets(tokens: list[str], edits: list[_Edit]) -> list[str]:
    """What one annotator makes of the sentence: a target for each choice among the texts of the edits."""
    ordered = _ordered(edits)
    choices = islice(product(*(texts for _, _, texts in ordered)), _MOST_REFERENCES)
    return list(dict.fromkeys(_apply(tokens, ordered, texts) for texts in choices))


def _apply(tokens: list[str], edits: list[_Edit], texts: Sequence[str]) -> str:
    pieces, done = [], 0
    for (start, end, _), text in zip(edits, texts, strict=True):
        pieces += [*tokens[done:start], text]
        done = end
    return "".join([*pieces, *tokens[done:]])
