"""Texts of any length, read by a model that takes pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gaprelm.correction.control.options import Control
from gaprelm.correction.control.protection import has_editable
from gaprelm.correction.splitting import cut, is_line_end, joined
from gaprelm.edits.proposed import ProposedEdit, Thresholds


class EditProposer(Protocol):
    """A model as it is seen here; ``gaprelm.correction.decoding.Proposer`` is one."""

    max_length: int
    """Most characters of a piece."""

    def __call__(
        self, pieces: Sequence[str], batch_size: int | None = None, thresholds: Thresholds | None = None
    ) -> list[list[ProposedEdit]]:
        """Atomic edits of each piece, in ascending order, at most one a character and one a gap.

        With ``thresholds`` the proposer may leave out edits that do not reach the threshold of their type.
        """
        ...


class TextReader:
    """Cuts texts into pieces, reads each different piece once, and gives the edits of the texts.

    It remembers what it has read: make a new one when the weights of the model have changed.

    Args:
        proposer: the model.
        control: its ``by_sentence`` says how texts are cut, its ``editable`` which pieces are left unread, because
            nothing in them may be edited. Without a control all pieces but line ends are read.
        batch_size: pieces a forward pass; None takes the proposer's own.
        thresholds: confidence from which an edit is of use, by type; None asks for all edits.
    """

    def __init__(
        self,
        proposer: EditProposer,
        control: Control | None = None,
        batch_size: int | None = None,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._proposer, self._control = proposer, control
        self._batch_size, self._thresholds = batch_size, thresholds
        self._known: dict[str, list[ProposedEdit]] = {}

    def __call__(self, texts: Sequence[str]) -> list[list[ProposedEdit]]:
        """The proposed edits of each text, in ascending order.

        Two edits may insert into the same gap, where one piece ends and the next begins.
        """
        cuts = [self.cut(text) for text in texts]
        self._read(piece for pieces in cuts for piece in pieces)
        return [joined(pieces, [self._known[piece] for piece in pieces]) for pieces in cuts]

    def cut(self, text: str) -> list[str]:
        """The pieces of a text that are read one by one; joined they give the text."""
        by_sentence = self._control is not None and self._control.by_sentence
        return cut(text, self._proposer.max_length, by_sentence)

    def _read(self, pieces: Iterable[str]) -> None:
        new = [piece for piece in dict.fromkeys(pieces) if piece not in self._known]
        read = [piece for piece in new if self._is_worth_reading(piece)]
        found = self._proposer(read, self._batch_size, thresholds=self._thresholds)
        self._known.update((piece, []) for piece in new)
        self._known.update(zip(read, found, strict=True))

    def _is_worth_reading(self, piece: str) -> bool:
        if is_line_end(piece):
            return False
        return self._control is None or has_editable(piece, self._control)
