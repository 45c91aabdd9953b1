"""From proposals to edits: which of them a control lets through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence

from gaprelm.correction.control.names import without_changed_names
from gaprelm.correction.control.options import Control
from gaprelm.correction.control.protection import is_editable, protected_slots
from gaprelm.correction.control.slots import slot_of
from gaprelm.correction.splitting import is_line_end, lines, sentences
from gaprelm.edits.edit import INSERT, Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit


def allowed(text: str, proposals: Sequence[ProposedEdit], control: Control) -> list[ProposedEdit]:
    """The proposals that a control allows: by their type and their characters, at places that are not protected.

    Names are those of ``text``, so in a later round those of what earlier rounds wrote.
    """
    kept = [p for p in proposals if p.type not in control.switched_off and is_editable(text, p.edit, control)]
    if kept and (control.protect or control.protect_patterns):
        closed = protected_slots(text, control)
        kept = [p for p in kept if not closed[slot_of(p.edit)]]
    if control.protect_names:
        kept = without_changed_names(text, kept)
    return control.never_table.without(text, kept, alone=True) if control.never else kept


def within_limits(
    text: str, proposals: Sequence[ProposedEdit], control: Control, free: Collection[Edit] = ()
) -> list[ProposedEdit]:
    """The proposals without insertions beyond what a sentence may get; the most confident insertions are kept.

    Args:
        text: the text that the proposals change.
        proposals: in ascending order.
        control: its limits of insertions.
        free: edits to which the limits do not apply.
    """
    insertions = [p for p in proposals if p.type == INSERT and p.edit not in free]
    if not insertions or (control.max_insert_per_sentence is None and control.max_insert_ratio is None):
        return list(proposals)
    spans = _sentence_spans(text)
    ends = [end for _, end in spans]
    left = [_most(end - start, control) for start, end in spans]
    dropped = set()
    for proposal in sorted(insertions, key=lambda p: (-p.confidence, p.edit.start)):
        # The gap between two sentences of a line belongs to the first.
        sentence = bisect_left(ends, proposal.edit.start)
        if len(proposal.edit.text) <= left[sentence]:
            left[sentence] -= len(proposal.edit.text)
        else:
            dropped.add(proposal.edit)
    return [p for p in proposals if p.edit not in dropped]


def _sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, without line ends, and of the empty rest after the last, so that there is one."""
    spans, done = [], 0
    for part in lines(text):
        for sentence in [] if is_line_end(part) else sentences(part):
            spans.append((done, done + len(sentence)))
            done += len(sentence)
        done += len(part) if is_line_end(part) else 0
    return [*spans, (done, len(text))]


def _most(length: int, control: Control) -> int:
    """How many characters may be inserted in a sentence of ``length`` characters."""
    limits = []
    if control.max_insert_per_sentence is not None:
        limits.append(control.max_insert_per_sentence)
    if control.max_insert_ratio is not None:
        # 0.29 of 100 characters are 29, although the product of floats is a little less. A huge ratio is no limit.
        limits.append(int(min(control.max_insert_ratio, 1e6) * length + 1e-9))
    return min(limits)


def merged(proposals: Sequence[ProposedEdit]) -> list[ProposedEdit]:
    """The proposals, with two insertions in one gap (at the end of a piece and the start of the next) made one."""
    kept: list[ProposedEdit] = []
    for proposal in proposals:
        start, end, text = proposal.edit
        if kept and start == end and kept[-1].edit[:2] == (start, end):
            edit = Edit(start, end, kept[-1].edit.text + text)
            kept[-1] = ProposedEdit(edit, min(kept[-1].confidence, proposal.confidence))
        else:
            kept.append(proposal)
    return kept


def without_idle(source: str, proposals: Sequence[ProposedEdit]) -> list[ProposedEdit]:
    """The proposals without groups that touch and together change nothing (家 inserted beside a deleted 家)."""
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
