"""Lines without tabs that are no clean sentences: labels of shared tasks, and pairs whose tab was lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

# As in recognition: a few lines may be broken.
_MOST = 0.8
_LINES = 200
_ALIKE = 0.5

# SIGHAN: ID, 0; ID, location, character, …; 2013 also ID, location, location, …
_SIGHAN = re.compile(r"[A-Za-z]?\d[\w-]*(, *\d+(, *[^\s\d])?)+,?\s*")
# CGED: ID, correct; ID, TYPE (2014); ID, start, end, TYPE[, answer …].
_CGED = re.compile(
    r"[\w.-]+, *(correct|Missing|Redundant|Selection|Disorder|\d+, *\d+, *[MRSW]([,，、].*)?)\s*", re.IGNORECASE
)
# pid=ID or (id=ID) at the start of the line, as in CTC 2021 and CLTC. Sentences behind it would follow a tab.
_NAMED = re.compile(r"\(?[A-Za-z]*id *= *[^\s,，)]+\)?[\s,，].*", re.IGNORECASE)
# What may stand where a tab stood: a run of blanks first, since single blanks may belong to the texts.
# With each the fewest lines that show it: a comma or blank between two like phrases may also stand in one sentence.
_GAPS = (
    (re.compile(r"\s{2,}|\s*(?:\|{2,}|=>|->|→)\s*"), 1),
    (re.compile(r"\s*[,;|]\s*"), 5),
    (re.compile(r"\s+"), 5),
)


class NotSentences(NamedTuple):
    """What lines are, in words for a message, and what to do about it."""

    what: str
    cure: str


_LABELS_CURE = "name the file of the sentences that they belong to"
_KINDS: tuple[tuple[Callable[[str], object], NotSentences], ...] = (
    (
        _SIGHAN.fullmatch,
        NotSentences(
            "corrections of a SIGHAN task",
            "put the input that they belong to beside them, or write both as INPUT+TRUTH",
        ),
    ),
    (_CGED.fullmatch, NotSentences("labels of a CGED task", f"{_LABELS_CURE}, or the SGML file (format cged)")),
    (
        _NAMED.fullmatch,
        NotSentences(
            "a line with its id in front of it, as labels of a shared task have it",
            f"{_LABELS_CURE}; before a sentence, put a tab behind the id",
        ),
    ),
)
_PAIRS = NotSentences("two texts that are alike, with no tab between them", "put a tab between source and target")


def not_sentences(lines: Sequence[str]) -> NotSentences | None:
    """What the lines are if most of them are no sentences; None for sentences, and for rows of a table.

    Args:
        lines: the first lines of a file, none of them blank; at least one.
    """
    lines = lines[:_LINES]
    for matches, kind in _KINDS:
        if _most([bool(matches(line)) and "\t" not in line for line in lines]):
            return kind
    if any(len(lines) >= fewest and _most([_is_pair(line, gap) for line in lines]) for gap, fewest in _GAPS):
        return _PAIRS
    return None


def _most(found: Sequence[bool]) -> bool:
    return sum(found) >= _MOST * len(found)


def _is_pair(line: str, gap: re.Pattern[str]) -> bool:
    """Whether the gap cuts a line into two texts that are alike, perhaps with an id before them."""
    if "\t" in line:
        return False
    parts = gap.split(line.strip())
    if len(parts) not in (2, 3) or (len(parts) == 3 and not parts[0].isascii()):
        return False
    source, target = parts[-2:]
    return min(len(source), len(target)) > 1 and Levenshtein.normalized_similarity(source, target) >= _ALIKE
