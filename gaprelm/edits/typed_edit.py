"""The edit of an M2 file."""

from __future__ import annotations

from typing import NamedTuple

NOOP, NA = "noop", "NA"
NO_CORRECTION = "-NONE-"
ALTERNATIVES = "||"


class TypedEdit(NamedTuple):
    """Source tokens start..end (end exclusive) become ``correction``.

    type: ``M`` missing, ``R`` redundant, ``S`` substituted, ``W`` word order; ``noop`` and ``NA`` with -1, -1.
    correction: tokens with a blank between them, ``-NONE-`` if there are none. In M2 files of the shared tasks of
        English also several such texts with ``||`` between them, of which any one is right.
    """

    start: int
    end: int
    type: str
    correction: str

    @property
    def texts(self) -> list[str]:
        """The texts of the correction without their blanks; mostly one. A deletion is the empty text."""
        # Tokens that are bars have blanks between them, so they are not taken for this.
        texts = self.correction.split(ALTERNATIVES)
        return ["" if text == NO_CORRECTION else text.replace(" ", "") for text in texts]
