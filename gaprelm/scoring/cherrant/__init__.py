"""ChERRANT at character level: extraction of edits, their scores, and scores of files."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {"CherrantScore": "score", "cherrant": "score", "score_files": "scored_files"}


def __getattr__(name: str) -> Any:
    """What users import from here; loaded on first use, so that a step that needs one part depends on that alone."""
    if name in _PLACES:
        return getattr(import_module(f"gaprelm.scoring.cherrant.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'gaprelm.scoring.cherrant' has no attribute {name!r}")
