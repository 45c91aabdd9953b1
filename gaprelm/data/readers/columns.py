"""Tab-separated tables: parallel, ECSpell, LEMON. Quotes are plain characters; blank lines are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gaprelm.data.readers import two_texts
from gaprelm.data.readers.rows import record, rows
from gaprelm.data.records import Record
from gaprelm.errors import Problem, shown


def read_parallel(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """``source TAB target``; or, with a partner, the sources in one file and the targets in the other."""
    if partner is not None:
        yield from two_texts.read(path, partner)
        return
    for row in rows(path, (2,), "2 columns: source TAB target"):
        yield row if isinstance(row, Problem) else record(path, row[0], str(row[0].number), row[1][0], [row[1][1]])


def read_ecspell(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """``count TAB source TAB target`` (ECSpell's own), or ``source TAB target`` with blanks between all characters.

    Column 1 is the annotators' number of wrong characters; it is not always right, and not used.
    """
    for row in rows(path, (2, 3), "3 columns: count TAB source TAB target (or 2 with blanks between the characters)"):
        if isinstance(row, Problem):
            yield row
            continue
        line, fields = row
        if len(fields) == 2:
            yield record(path, line, str(line.number), *map(join_tokens, fields))
        elif not fields[0].strip().isdigit():
            yield Problem(path, line.number, f"{shown(fields[0])} in column 1", "the number of wrong characters")
        else:
            yield record(path, line, str(line.number), fields[1], fields[2])


def read_lemon(path: Path, partner: Path | None = None) -> Iterator[Record | Problem]:
    """``source TAB target``, each with one blank between all characters; lengths may differ."""
    for row in rows(path, (2,), "2 columns: source TAB target"):
        if isinstance(row, Problem):
            yield row
        else:
            yield record(path, row[0], str(row[0].number), *map(join_tokens, row[1]))


def join_tokens(text: str) -> str:
    """The text without the blank between its tokens; a token that is itself a blank stays.

    Tokens are separated by U+0020 alone: other blanks (U+3000, U+00A0) are characters of the text.
    """
    tokens = text.split(" ")
    # Two separators around a blank token leave two empty strings in a row.
    pieces, index = [], 0
    while index < len(tokens):
        if tokens[index] == "" and 0 < index < len(tokens) - 1 and tokens[index + 1] == "":
            pieces.append(" ")
            index += 1
        else:
            pieces.append(tokens[index])
        index += 1
    return "".join(pieces)
