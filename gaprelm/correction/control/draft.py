"""A text that is being corrected; every change of it is traced back to a place of the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gaprelm.correction.control.slots import edit_at, open_slots, slot_of
from gaprelm.edits.edit import Edit, apply_edits
from gaprelm.edits.proposed import ProposedEdit

_Written = dict[int, tuple[str, float]]


class Draft:
    """The source, and what has been written at its slots over any number of rounds.

    A slot never gets a text back that it had before, and the whole text never becomes what it was before. So rounds
    cannot go back and forth. What several rounds wrote at one slot is one edit, with the lowest of their confidences.

    Args:
        source: the text.
        closed: a flag for each slot of it, set where nothing may be written.
    """

    def __init__(self, source: str, closed: bytearray) -> None:
        self._source, self._closed = source, closed
        self._written: _Written = {}
        self._tried: dict[int, set[str]] = {}
        self._seen = {source}
        self.text = source

    def force(self, edits: Sequence[ProposedEdit]) -> None:
        """Make edits of the source, at closed slots too; only as long as nothing else has been written."""
        for proposal in edits:
            self._written[slot_of(proposal.edit)] = (proposal.edit.text, proposal.confidence)
        self.text = self._target(self._written)

    def traced(self, proposals: Sequence[ProposedEdit]) -> list[ProposedEdit]:
        """Edits of the present text as edits of the source, in ascending order, without those at closed slots."""
        return _as_edits(self._changes(proposals))

    def apply(self, proposals: Sequence[ProposedEdit]) -> bool:
        """Make edits of the present text, in ascending order; returns whether anything changed."""
        changes = {
            slot: change
            for slot, change in self._changes(proposals).items()
            if change[0] not in self._tried.get(slot, {self._original(slot)})
        }
        written = self._written | changes
        text = self._target(written)
        if text in self._seen:
            return False
        for slot, (content, _) in changes.items():
            self._tried.setdefault(slot, {self._original(slot)}).add(content)
        self._seen.add(text)
        self._written, self.text = written, text
        return True

    def edits(self) -> list[ProposedEdit]:
        """Everything that has been written, as atomic edits of the source in ascending order."""
        return _as_edits(self._written)

    def closed_now(self) -> bytearray:
        """A flag for each slot of the present text, set where nothing may be written."""
        if 1 not in self._closed:
            return open_slots(len(self.text))
        origins = self._origins()
        slots = (_place(edit_at(slot, ""), origins)[0] for slot in range(2 * len(self.text) + 1))
        return bytearray(self._closed[slot] for slot in slots)

    def _changes(self, proposals: Sequence[ProposedEdit]) -> _Written:
        """What edits of the present text make of slots of the source: from the slot to its new text and confidence."""
        origins, changes = self._origins(), {}
        for proposal in reversed(proposals):  # from right to left, so that offsets inside a slot stay valid
            edit = proposal.edit
            slot, place = _place(edit, origins)
            if self._closed[slot]:
                continue
            content, confidence = changes.get(slot) or self._written.get(slot) or (self._original(slot), 1.0)
            content = content[:place] + edit.text + content[place + edit.end - edit.start :]
            changes[slot] = (content, min(confidence, proposal.confidence))
        return changes

    def _origins(self) -> list[tuple[int, int]]:
        """For each character of the present text its slot of the source, and its index in the text of that slot."""
        origins: list[tuple[int, int]] = []
        done = 0
        for slot in sorted(self._written):
            edit = edit_at(slot, "")
            origins += [(2 * index + 1, 0) for index in range(done, edit.start)]
            origins += [(slot, place) for place in range(len(self._written[slot][0]))]
            done = edit.end
        return [*origins, *((2 * index + 1, 0) for index in range(done, len(self._source)))]

    def _original(self, slot: int) -> str:
        edit = edit_at(slot, "")
        return self._source[edit.start : edit.end]

    def _target(self, written: _Written) -> str:
        return apply_edits(self._source, (p.edit for p in _as_edits(written)))


def _place(edit: Edit, origins: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The slot of the source that an edit of the present text changes, and at which index of the text of that slot."""
    if edit.start < edit.end:
        return origins[edit.start]
    if edit.start == 0:
        return 0, 0
    slot, place = origins[edit.start - 1]
    # After a character of the source comes its next slot, a gap. After an inserted character the same gap goes on.
    return (slot + 1, 0) if slot % 2 else (slot, place + 1)


def _as_edits(written: _Written) -> list[ProposedEdit]:
    return [ProposedEdit(edit_at(slot, text), confidence) for slot, (text, confidence) in _sorted(written)]


def _sorted(written: _Written) -> Iterable[tuple[int, tuple[str, float]]]:
    return sorted(written.items())
