"""Checks a BERT vocabulary: one token per line, whose id is the line number minus 1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.errors import Problem, shown
from gaprelm.textio import read_lines, read_start

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def looks_like_vocabulary(path: Path) -> bool:
    """Whether one of the first lines is a special token of BERT."""
    return any(line.strip() in SPECIAL_TOKENS for line in read_start(path, 4096).split("\n")[:10])


def vocabulary_problems(path: Path) -> Iterator[Problem | str]:
    """The tokens of the file, and the problems that make it unfit as a vocabulary."""
    lines: dict[str, int] = {}
    for line in read_lines(path):
        if line.problem:
            yield line.problem
        elif not line.text:  # no strip: U+2028 is white space, and a token of BERT
            yield Problem(path, line.number, "a blank line", "a token")
        elif line.text in lines:
            found = f"the token {shown(line.text)} again"
            yield Problem(path, line.number, found, f"each token once (it is in line {lines[line.text]} already)")
        else:
            lines[line.text] = line.number
            yield line.text
    for token in SPECIAL_TOKENS:
        if token not in lines:
            yield Problem(path, 1, f"no {token} in the file", f"the special tokens {' '.join(SPECIAL_TOKENS)}")
