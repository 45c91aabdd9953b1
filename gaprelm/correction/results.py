"""What correcting a text gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class CorrectionEdit:
    """One edit of a text.

    start, end: places in the source, in code points, end exclusive; equal for an insertion.
    source, target: what stands there, what should.
    type: ``replace``, ``insert`` or ``delete``.
    confidence: the model's probability of exactly this edit, 0 to 1. Where several rounds wrote at one place, the
        lowest of theirs; 1 for what the user's own table asks for.
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
