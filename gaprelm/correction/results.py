"""The result of correcting a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class CorrectionEdit:
    """One edit of a text.

    start, end: its place in the source, in code points; end is exclusive, and equal to start for an insertion.
    source: the text that stands there.
    target: the text that should stand there.
    type: ``replace``, ``insert`` or ``delete``.
    confidence: the model's probability of exactly this edit, 0 to 1. Where several rounds wrote at one place, it is the
        lowest of their probabilities. An edit that the user's own table asks for has 1.
    """

    start: int
    end: int
    source: str
    target: str
    type: str
    confidence: float


@dataclass(frozen=True)
class Correction:
    """A text and its correction; applying ``edits`` to ``source`` gives ``target``."""

    source: str
    target: str
    edits: list[CorrectionEdit]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: source, target and the edits as dictionaries."""
        return asdict(self)
