"""From proposals to edits: what a control lets through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import accumulate

from gaprelm.control.confusions import without_never
from gaprelm.control.options import Control
from gaprelm.control.protection import is_editable, protected_slots
from gaprelm.control.slots import slot_of
from gaprelm.edits.edit import INSERT, Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit, Thresholds
from gaprelm.splitting import lines, sentences


def allowed(text: str, proposals: Sequence[ProposedEdit], control: Control) -> list[ProposedEdit]:
    """The proposals that may be made at all: of a type and a class that may, and not at a protected place."""
    kept = [p for p in proposals if p.type not in control.switched_off and is_editable(text, p.edit, control)]
    if kept and (control.protect or control.protect_patterns):
        closed = protected_slots(text, control)
        kept = [p for p in kept if not closed[slot_of(p.edit)]]
    return without_never(text, kept, control, alone=True)


def confident(proposals: Sequence[ProposedEdit], thresholds: Thresholds) -> list[ProposedEdit]:
    """The proposals whose confidence reaches the threshold of their type; types without one are left out."""
    return [p for p in proposals if p.type in thresholds and p.confidence >= thresholds[p.type]]


def within_limits(
    text: str, proposals: Sequence[ProposedEdit], control: Control, free: Collection[Edit] = ()
) -> list[ProposedEdit]:
    """The proposals without the least confident insertions beyond what a sentence may get.

    Args:
        free: edits to which the limits do not apply.
    """
    insertions = [p for p in proposals if p.type == INSERT and p.edit not in free]
    if not insertions or (control.max_insert_per_sentence is None and control.max_insert_ratio is None):
        return list(proposals)
    lengths = [len(sentence) for line in lines(text) for sentence in sentences(line)] or [0]
    ends = list(accumulate(lengths))
    left = [_most(length, control) for length in lengths]
    dropped = set()
    for proposal in sorted(insertions, key=lambda p: (-p.confidence, p.edit.start)):
        # The gap between two sentences belongs to the first.
        sentence = bisect_left(ends, proposal.edit.start)
        if len(proposal.edit.text) <= left[sentence]:
            left[sentence] -= len(proposal.edit.text)
        else:
            dropped.add(proposal.edit)
    return [p for p in proposals if p.edit not in dropped]


def _most(length: int, control: Control) -> int:
    """Characters that a sentence of ``length`` characters may get."""
    limits = []
    if control.max_insert_per_sentence is not None:
        limits.append(control.max_insert_per_sentence)
    if control.max_insert_ratio is not None:
        limits.append(int(control.max_insert_ratio * length))
    return min(limits)


def without_idle(source: str, proposals: Sequence[ProposedEdit]) -> list[ProposedEdit]:
    """The proposals without touching ones that together change nothing (家 inserted beside a deleted 家)."""
    kept: list[ProposedEdit] = []
    for block in _touching(proposals):
        start, end = block[0].edit.start, block[-1].edit.end
        moved = [Edit(p.edit.start - start, p.edit.end - start, p.edit.text) for p in block]
        if apply_edits(source[start:end], moved) != source[start:end]:
            kept += block
    return kept


def _touching(proposals: Sequence[ProposedEdit]) -> list[list[ProposedEdit]]:
    blocks: list[list[ProposedEdit]] = []
    for proposal in proposals:
        if blocks and blocks[-1][-1].edit.end == proposal.edit.start:
            blocks[-1].append(proposal)
        else:
            blocks.append([proposal])
    return blocks
