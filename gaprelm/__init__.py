"""Gap-ReLM: correction of Chinese text, with insertions and deletions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["Control", "Correction", "CorrectionEdit", "Corrector", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the Corrector on first use only: the command line starts at once without torch."""
    if name == "Control":
        return import_module("gaprelm.control").Control
    if name in __all__:
        return getattr(import_module("gaprelm.corrector"), name)
    raise AttributeError(f"module 'gaprelm' has no attribute {name!r}")
