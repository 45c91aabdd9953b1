"""Turns alignments into edits, with ChERRANT's merging, clean-up and types at character level."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz.distance import Levenshtein

from gaprelm.edits.typed_edit import NO_CORRECTION, TypedEdit
from gaprelm.scoring.cherrant.paths import Step

# Deleted and inserted strings are looked up in this text, so the order matters, unlike in the substitution cost.
_PUNCTUATION = (
    string.punctuation
    + "！？｡＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟"
    + "–—‘'‛“”„‟…‧."
)
_TYPES = {"T": "W", "D": "R", "I": "M", "S": "S"}


def edits_of(steps: Sequence[Step], source: Sequence[str], target: Sequence[str]) -> tuple[TypedEdit, ...]:
    """The edits of one alignment, which is given by its steps other than matches."""
    merged = _with_word_order(list(_grouped(steps)), source, target)
    return tuple(_cleaned(merged, source, target))


def _grouped(steps: Iterable[Step]) -> Iterator[Step]:
    """Merge runs of adjacent D, I and S into one edit each; matches between edits become M."""
    runs: list[list[Step]] = []
    for step in steps:
        touches = bool(runs) and runs[-1][-1].end == step.start and runs[-1][-1].last == step.first
        if touches and step.kind != "T" and runs[-1][-1].kind != "T":
            runs[-1].append(step)
        else:
            runs.append([step])
    before: Step | None = None
    for run in runs:
        if before and (before.end, before.last) != (run[0].start, run[0].first):
            yield Step("M", before.end, run[0].start, before.last, run[0].first)
        yield from _merged_run(run)
        before = run[-1]


def _merged_run(run: list[Step]) -> list[Step]:
    kinds = {step.kind for step in run}
    if kinds == {"D", "I"}:
        return run
    kind = kinds.pop() if len(kinds) == 1 else "S"
    return [Step(kind, run[0].start, run[-1].end, run[0].first, run[-1].last)]


def _with_word_order(steps: list[Step], source: Sequence[str], target: Sequence[str]) -> list[Step]:
    """Merge two exchanged texts, or a text deleted at one place and inserted at another, into one T."""
    result, position = [], 0
    while position < len(steps):
        three = steps[position : position + 3]
        if len(three) == 3 and _is_moved(three, source, target):
            result.append(Step("T", three[0].start, three[2].end, three[0].first, three[2].last))
            position += 3
            continue
        if three[0].kind != "M":
            result.append(three[0])
        position += 1
    return result


def _is_moved(three: list[Step], source: Sequence[str], target: Sequence[str]) -> bool:
    kinds = "".join(step.kind for step in three)
    left, _, right = three
    if kinds == "SMS":
        return _is_exchange(
            "".join(source[left.start : left.end]),
            "".join(target[left.first : left.last]),
            "".join(source[right.start : right.end]),
            "".join(target[right.first : right.last]),
        )
    if kinds in ("DMI", "DTI", "IMD", "ITD"):
        deleted, inserted = (left, right) if kinds[0] == "D" else (right, left)
        return _is_move("".join(source[deleted.start : deleted.end]), "".join(target[inserted.first : inserted.last]))
    return False


def _is_exchange(w1: str, w2: str, w3: str, w4: str) -> bool:
    if min(len(w1), len(w2), len(w3), len(w4)) == 1:
        return w1 == w4 and w2 == w3
    return Levenshtein.distance(w1, w4) <= 1 and Levenshtein.distance(w2, w3) <= 1


def _is_move(a: str, b: str) -> bool:
    if a in _PUNCTUATION or b in _PUNCTUATION:
        return False
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    if len(longer) - len(shorter) > 1:
        return False
    if len(shorter) == 1:
        return longer == shorter
    return Levenshtein.distance(a, b) <= 1 or (len(a) == len(b) and a in b + b)


def _cleaned(steps: Iterable[Step], source: Sequence[str], target: Sequence[str]) -> Iterator[TypedEdit]:
    for kind, start, end, first, last in steps:
        if "".join(source[start:end]) == "".join(target[first:last]):
            continue
        if kind == "S":
            while start < end and first < last and source[start] == target[first]:
                start, first = start + 1, first + 1
            while start < end and first < last and source[end - 1] == target[last - 1]:
                end, last = end - 1, last - 1
            kind = "I" if start == end else "D" if first == last else "S"
        correction = NO_CORRECTION if kind == "D" else " ".join(target[first:last])
        yield TypedEdit(start, end, _TYPES[kind], correction)
