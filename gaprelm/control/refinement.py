"""Rounds: the model reads its own result again until nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gaprelm.control.confusions import always_edits, without_never
from gaprelm.control.draft import Draft
from gaprelm.control.options import Control
from gaprelm.control.protection import protected_slots
from gaprelm.control.selection import allowed, confident, within_limits, without_idle
from gaprelm.edits.proposed import ProposedEdit, Thresholds

Propose = Callable[[Sequence[str]], list[list[ProposedEdit]]]


def candidates(texts: Sequence[str], propose: Propose, control: Control) -> list[list[ProposedEdit]]:
    """All edits that ``control`` allows, before thresholds and limits, with offsets into ``texts``.

    Args:
        propose: the model: atomic edits of each text, in ascending order.
    """
    drafts = _ruled(texts, control)
    current = [drafts[i].text if i in drafts else text for i, text in enumerate(texts)]
    results = []
    for i, (text, proposals) in enumerate(zip(current, propose(current), strict=True)):
        kept = allowed(text, proposals, control)
        if i in drafts:
            kept = sorted([*drafts[i].edits(), *drafts[i].traced(kept)], key=lambda p: p.edit)
        results.append(kept)
    return results


def refine(
    texts: Sequence[str], propose: Propose, calibrated: Thresholds, control: Control
) -> list[list[ProposedEdit]]:
    """The edits to make, with offsets into ``texts``, after at most ``control.max_rounds`` rounds.

    Only texts that changed in a round are read again.

    Args:
        propose: the model: atomic edits of each text, in ascending order.
        calibrated: confidence from which an edit is made, by type, where ``control`` has no threshold of its own; types
            without any are not made.
    """
    thresholds = control.effective_thresholds(calibrated)
    drafts = _ruled(texts, control)
    rules = {i: {p.edit for p in draft.edits()} for i, draft in drafts.items()}
    active = list(range(len(texts)))
    for _ in range(control.max_rounds):
        if not active:
            break
        current = [drafts[i].text if i in drafts else texts[i] for i in active]
        changed = []
        for i, text, proposals in zip(active, current, propose(current), strict=True):
            chosen = within_limits(text, confident(allowed(text, proposals, control), thresholds), control)
            if not chosen:
                continue
            if i not in drafts:
                drafts[i] = Draft(text, protected_slots(text, control))
            if drafts[i].apply(chosen):
                changed.append(i)
        active = changed
    return [
        _settled(text, drafts[i].edits(), control, rules.get(i, set())) if i in drafts else []
        for i, text in enumerate(texts)
    ]


def _ruled(texts: Sequence[str], control: Control) -> dict[int, Draft]:
    """A draft for each text that the user's own table changes, by its index."""
    drafts = {}
    for i, text in enumerate(texts if control.always else ()):
        closed = protected_slots(text, control)
        if edits := always_edits(text, control, closed):
            drafts[i] = Draft(text, closed)
            drafts[i].rule(edits)
    return drafts


def _settled(source: str, edits: list[ProposedEdit], control: Control, rules: set) -> list[ProposedEdit]:
    """What the rounds together made, once more under the rules that hold for the whole."""
    kept = without_never(source, edits, control, alone=False)
    return without_idle(source, within_limits(source, kept, control, free=rules))
