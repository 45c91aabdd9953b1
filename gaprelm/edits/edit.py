"""The edit: a span of the source, and the text that replaces it in the target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

REPLACE, INSERT, DELETE = "replace", "insert", "delete"
EDIT_TYPES = (REPLACE, INSERT, DELETE)


class Edit(NamedTuple):
    """Source characters ``start``..``end`` (end exclusive, code points) become ``text``.

    The aligner makes atomic edits: one character is replaced by one, one character is deleted (``text`` is empty), or
    one or more characters are inserted in a gap (``start == end``).
    """

    start: int
    end: int
    text: str

    @property
    def type(self) -> str:
        """``replace``, ``insert`` or ``delete``."""
        if self.start == self.end:
            return INSERT
        return REPLACE if self.text else DELETE


def apply_edits(source: str, edits: Iterable[Edit]) -> str:
    """The target: ``source`` with ``edits`` applied, every other character as it was.

    Args:
        edits: in ascending order and not overlapping; an insertion may touch its neighbours.

    Raises:
        ValueError: an edit reaches outside the source, overlaps an earlier one or is out of order.
    """
    pieces, done = [], 0
    for edit in edits:
        if not done <= edit.start <= edit.end <= len(source):
            raise ValueError(
                f"edit {tuple(edit)} of a source of {len(source)} characters; expected {done} <= start <= end <= length"
            )
        pieces.append(source[done : edit.start])
        pieces.append(edit.text)
        done = edit.end
    pieces.append(source[done:])
    return "".join(pieces)
