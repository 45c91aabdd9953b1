"""A user's own table: what always becomes something, what never does."""

from __future__ import annotations

from collections.abc import Sequence

from gaprelm.control.options import Control
from gaprelm.control.slots import close_span, slot_of
from gaprelm.control.terms import terms
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit


def always_edits(text: str, control: Control, closed: bytearray) -> list[ProposedEdit]:
    """The edits of ``control.always``, with confidence 1; their slots, and those between them, are closed.

    Of matches that overlap the leftmost counts, of these the longest. What already reads as the replacement (北京 in
    北京大学, where 北 is to become 北京) stays; so does what touches a closed slot.
    """
    if not control.always:
        return []
    targets = dict(control.always)
    right = {right for wrong, right in control.always if wrong in right and right not in targets}
    found = []
    for start, end, word in terms((*targets, *sorted(right)), longest=True).find(text):
        if word in right or any(closed[2 * start + 1 : 2 * end]):
            continue
        edits = [Edit(start + s, start + e, new) for s, e, new in align(word, targets[word])]
        close_span(closed, start, end)
        for edit in edits:
            closed[slot_of(edit)] = 1
        found += [ProposedEdit(edit, 1.0) for edit in edits]
    return found


def without_never(text: str, proposals: Sequence[ProposedEdit], control: Control, alone: bool) -> list[ProposedEdit]:
    """The proposals but those that make something of ``control.never``.

    Args:
        alone: look at what each makes by itself; else at what all together make.
    """
    if not control.never or not proposals:
        return list(proposals)
    forbidden = set(control.never)
    banned = {p.edit for p in proposals if (text[p.edit.start : p.edit.end], p.edit.text) in forbidden}
    targets: dict[str, set[str]] = {}
    for wrong, right in control.never:
        targets.setdefault(wrong, set()).add(right)
    for start, end, word in terms(tuple(w for w in targets if w)).find(text):
        inside = [p.edit for p in proposals if start <= p.edit.start and p.edit.end <= end]
        for group in [[edit] for edit in inside] if alone else _with_and_without_borders(inside, start, end):
            moved = [Edit(s - start, e - start, new) for s, e, new in group]
            if apply_edits(word, moved) in targets[word]:
                banned.update(group)
    return [p for p in proposals if p.edit not in banned]


def _with_and_without_borders(edits: list[Edit], start: int, end: int) -> list[list[Edit]]:
    """The edits of a span, with what is inserted before and after it and without: either may be meant."""
    groups = []
    for before in (True, False):
        for after in (True, False):
            kept = [e for e in edits if e.start < e.end or ((before or e.start > start) and (after or e.start < end))]
            if kept and kept not in groups:
                groups.append(kept)
    return groups
