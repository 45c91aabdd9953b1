"""Rounds: the model reads its own result again until nothing changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gaprelm.correction.control.draft import Draft
from gaprelm.correction.control.options import Control
from gaprelm.correction.control.protection import protected_slots
from gaprelm.correction.control.selection import allowed, confident, merged, within_limits, without_idle
from gaprelm.correction.control.slots import gap_slot, slot_of
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit, Thresholds, moved


class Reader(Protocol):
    """A model that reads texts of any length."""

    def split(self, text: str) -> list[str]:
        """The pieces that are read one by one; joined they give the text."""
        ...

    def __call__(self, texts: Sequence[str]) -> list[list[ProposedEdit]]:
        """Atomic edits of each text, in ascending order."""
        ...


def candidates(texts: Sequence[str], reader: Reader, control: Control) -> list[list[ProposedEdit]]:
    """All edits that ``control`` allows, before thresholds and limits, with offsets into ``texts``."""
    courses = [_Course(text, control) for text in texts]
    pieces = [piece for course in courses for piece in course.pieces(reader)]
    for piece, proposals in zip(pieces, reader([piece.text for piece in pieces]), strict=True):
        piece.hand_in(allowed(piece.text, proposals, control))
    return [course.candidates() for course in courses]


def refine(texts: Sequence[str], reader: Reader, calibrated: Thresholds, control: Control) -> list[list[ProposedEdit]]:
    """The edits to make, with offsets into ``texts``, after at most ``control.max_rounds`` rounds.

    Each piece goes its own way, whatever stands around it; only pieces that changed in a round are read again.

    Args:
        calibrated: confidence from which an edit is made, by type, where ``control`` has no threshold of its own; types
            without any are not made.
    """
    thresholds = control.effective_thresholds(calibrated)
    courses = [_Course(text, control) for text in texts]
    pieces = [piece for course in courses for piece in course.pieces(reader)]
    active = pieces
    for _ in range(control.max_rounds):
        if not active:
            break
        found = reader([piece.text for piece in active])
        active = [p for p, proposals in zip(active, found, strict=True) if p.change(proposals, thresholds)]
    for piece in pieces:
        piece.hand_in(piece.made())
    return [course.result() for course in courses]


class _Course:
    """What becomes of one text: the user's own table first, then what is found in its pieces."""

    def __init__(self, source: str, control: Control) -> None:
        self.source, self.control, self.text = source, control, source
        self.found: list[ProposedEdit] = []
        self._closed: bytearray | None = None
        self._draft: Draft | None = None
        self._rules: Collection[Edit] = ()
        if control.always:
            self._rule()

    def _rule(self) -> None:
        closed = protected_slots(self.source, self.control)
        if edits := self.control.always_table.edits(self.source, closed):
            self._rules = {p.edit for p in edits}
            self._draft = Draft(self.source, closed)
            self._draft.rule(edits)
            self.text = self._draft.text

    @property
    def closed(self) -> bytearray:
        """Flags of the slots of the text, after the table, where nothing may be written."""
        if self._closed is None:
            self._closed = self._draft.closed_now() if self._draft else protected_slots(self.source, self.control)
        return self._closed

    def pieces(self, reader: Reader) -> list[_Piece]:
        pieces, offset = [], 0
        for text in reader.split(self.text):
            pieces.append(_Piece(self, offset, text))
            offset += len(text)
        return pieces

    def candidates(self) -> list[ProposedEdit]:
        """What was found, as edits of the source, with those of the table."""
        if self._draft is not None:
            return sorted([*self._draft.edits(), *self._draft.traced(self.found)], key=lambda p: p.edit)
        return [p for p in self.found if not self.closed[slot_of(p.edit)]]

    def result(self) -> list[ProposedEdit]:
        """The edits of the source, under the rules that hold for the whole."""
        edits = merged(self.found)
        if self._draft is not None:
            self._draft.apply(edits)
            edits = self._draft.edits()
        if self.control.never:
            edits = self.control.never_table.without(self.source, edits, alone=False)
        return without_idle(self.source, within_limits(self.source, edits, self.control, free=self._rules))


class _Piece:
    """A piece of a text over the rounds; nothing is kept of it until something changes."""

    def __init__(self, course: _Course, offset: int, text: str) -> None:
        self.text = text
        self._course, self._offset = course, offset
        self._draft: Draft | None = None

    def change(self, proposals: list[ProposedEdit], thresholds: Thresholds) -> bool:
        """Make what is allowed and confident; returns whether anything changed."""
        control = self._course.control
        chosen = confident(allowed(self.text, proposals, control), thresholds)
        if not chosen:
            return False
        if self._draft is None:
            first, last = gap_slot(self._offset), gap_slot(self._offset + len(self.text))
            self._draft = Draft(self.text, self._course.closed[first : last + 1])
        # What cannot be made anyway must not use up what a sentence may get.
        closed = self._draft.closed_now()
        chosen = [p for p in chosen if not closed[slot_of(p.edit)]]
        changed = self._draft.apply(within_limits(self.text, chosen, control))
        self.text = self._draft.text
        return changed

    def made(self) -> list[ProposedEdit]:
        """The edits of the piece that were made over the rounds."""
        return self._draft.edits() if self._draft else []

    def hand_in(self, edits: list[ProposedEdit]) -> None:
        """Give edits of the piece to the whole."""
        self._course.found += [moved(p, self._offset) for p in edits]
