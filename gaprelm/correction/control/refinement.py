"""Which edits are made: the user's own table first, then the model's, in rounds until nothing changes.

A text has three forms. The source is what the user gave. In the prepared text the user's table (``always``) has been
applied. The pieces of the prepared text change from round to round, each by itself. What is returned are always edits
of the source.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gaprelm.correction.control.draft import Draft
from gaprelm.correction.control.options import Control
from gaprelm.correction.control.protection import protected_slots
from gaprelm.correction.control.selection import allowed, merged, within_limits, without_idle
from gaprelm.correction.control.slots import gap_slot, slot_of
from gaprelm.correction.splitting import joined
from gaprelm.edits.edit import Edit
from gaprelm.edits.proposed import ProposedEdit, Thresholds, select_edits


class Reader(Protocol):
    """A model that reads texts of any length; ``gaprelm.correction.reading.TextReader`` is one."""

    def cut(self, text: str) -> list[str]:
        """The pieces of a text that are read one by one; joined they give the text."""
        ...

    def __call__(self, texts: Sequence[str]) -> list[list[ProposedEdit]]:
        """Atomic edits of each text, in ascending order."""
        ...


def allowed_edits(texts: Sequence[str], reader: Reader, control: Control) -> list[list[ProposedEdit]]:
    """All edits that ``control`` allows, before thresholds and limits, with offsets into ``texts``."""
    prepared = [_PreparedText(text, reader, control) for text in texts]
    found = iter(reader([piece for text in prepared for piece in text.pieces]))
    results = []
    for text in prepared:
        edits = [allowed(piece, next(found), control) for piece in text.pieces]
        results.append(text.proposed(joined(text.pieces, edits)))
    return results


def refine(texts: Sequence[str], reader: Reader, calibrated: Thresholds, control: Control) -> list[list[ProposedEdit]]:
    """The edits to make, with offsets into ``texts``, after at most ``control.max_rounds`` rounds.

    What becomes of a piece does not depend on the pieces around it. Only pieces that changed are read again.

    Args:
        texts: of any length.
        reader: the model.
        calibrated: confidence from which an edit is made, by type, where ``control`` has no threshold of its own; edits
            of a type without any are not made.
        control: what may be changed.
    """
    thresholds = control.effective_thresholds(calibrated)
    prepared = [_PreparedText(text, reader, control) for text in texts]
    drafts = [text.drafts() for text in prepared]
    to_read = [piece for own in drafts for piece in own]
    for _ in range(control.max_rounds):
        if not to_read:
            break
        found = reader([piece.text for piece in to_read])
        to_read = [p for p, proposals in zip(to_read, found, strict=True) if p.change(proposals, thresholds)]
    return [
        text.made(joined(text.pieces, [piece.edits() for piece in own]))
        for text, own in zip(prepared, drafts, strict=True)
    ]


class _PreparedText:
    """A source and what the user's table makes of it, which is what the model reads.

    source: as the user gave it.
    text: after the table; equal to the source where no pair of the table occurs.
    pieces: of ``text``, which the model reads one by one.
    """

    def __init__(self, source: str, reader: Reader, control: Control) -> None:
        self.source = self.text = source
        self._control = control
        self._closed: bytearray | None = None
        self._draft: Draft | None = None  # only where the table changes something
        self._table_edits: Collection[Edit] = ()
        if control.always:
            self._apply_table()
        self.pieces = reader.cut(self.text)

    def _apply_table(self) -> None:
        closed = protected_slots(self.source, self._control)
        if edits := self._control.always_table.edits(self.source, closed):
            self._table_edits = {p.edit for p in edits}
            self._draft = Draft(self.source, closed)
            self._draft.force(edits)
            self.text = self._draft.text

    @property
    def closed(self) -> bytearray:
        """A flag for each slot of ``text``: set where nothing may be written."""
        if self._closed is None:
            self._closed = self._draft.closed_now() if self._draft else protected_slots(self.source, self._control)
        return self._closed

    def drafts(self) -> list[_PieceDraft]:
        """The pieces, ready for rounds."""
        drafts, start = [], 0
        for piece in self.pieces:
            drafts.append(_PieceDraft(piece, start, self, self._control))
            start += len(piece)
        return drafts

    def proposed(self, edits: list[ProposedEdit]) -> list[ProposedEdit]:
        """Edits of ``text`` as edits of the source, without those at closed slots, and with those of the table."""
        if self._draft is not None:
            return sorted([*self._draft.edits(), *self._draft.traced(edits)], key=lambda p: p.edit)
        return [p for p in edits if not self.closed[slot_of(p.edit)]]

    def made(self, edits: list[ProposedEdit]) -> list[ProposedEdit]:
        """Edits of ``text`` as edits of the source, with those of the table.

        Here the rules are applied that need the whole text: ``never``, and the limits of insertions.
        """
        edits = merged(edits)
        if self._draft is not None:
            self._draft.apply(edits)
            edits = self._draft.edits()
        if self._control.never:
            edits = self._control.never_table.without(self.source, edits, alone=False)
        return without_idle(self.source, within_limits(self.source, edits, self._control, free=self._table_edits))


class _PieceDraft:
    """A piece of a text over the rounds; most pieces never change, so a ``Draft`` is made with the first change."""

    def __init__(self, piece: str, start: int, whole: _PreparedText, control: Control) -> None:
        self.text = piece
        self._start, self._whole, self._control = start, whole, control
        self._draft: Draft | None = None

    def change(self, proposals: list[ProposedEdit], thresholds: Thresholds) -> bool:
        """Make the proposals that are allowed and confident; returns whether anything changed."""
        chosen = select_edits(allowed(self.text, proposals, self._control), thresholds)
        if not chosen:
            return False
        if self._draft is None:
            first, last = gap_slot(self._start), gap_slot(self._start + len(self.text))
            self._draft = Draft(self.text, self._whole.closed[first : last + 1])
        # An edit that cannot be made must not use up what a sentence may get.
        closed = self._draft.closed_now()
        chosen = [p for p in chosen if not closed[slot_of(p.edit)]]
        changed = self._draft.apply(within_limits(self.text, chosen, self._control))
        self.text = self._draft.text
        return changed

    def edits(self) -> list[ProposedEdit]:
        """The edits of the piece, as it was cut, that were made in all rounds."""
        return self._draft.edits() if self._draft else []
