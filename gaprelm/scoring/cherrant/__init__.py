"""ChERRANT at character level: extraction of edits and their scores."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["CherrantScore", "cherrant"]


def __getattr__(name: str) -> Any:
    """What users import from here; loaded on first use, so that a step that needs one part depends on that alone."""
    if name in __all__:
        return getattr(import_module("gaprelm.scoring.cherrant.score"), name)
    raise AttributeError(f"module 'gaprelm.scoring.cherrant' has no attribute {name!r}")
