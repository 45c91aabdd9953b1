"""Gap-ReLM: correction of Chinese text, with insertions and deletions."""

from __future__ import annotations

from gaprelm.version import __version__

# Nothing is imported here that takes time, so that Ctrl-C counts from the start (gaprelm/cli/interrupts.py).
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# ``__getattr__`` finds them. To import them for the type checker alone would make every hash of code (provenance.py)
# depend on all of them.
__all__ = ["Control", "Correction", "CorrectionEdit", "Corrector", "__version__", "cherrant"]  # pyright: ignore[reportUnsupportedDunderAll]

_PLACES = {
    "Control": "gaprelm.correction.control",
    "Correction": "gaprelm.correction.results",
    "CorrectionEdit": "gaprelm.correction.results",
    "Corrector": "gaprelm.correction.corrector",
    "cherrant": "gaprelm.scoring.cherrant.score",
}


def __getattr__(name: str) -> Any:
    """Load a name on first use only, so that the command line starts at once."""
    from importlib import import_module

    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'gaprelm' has no attribute {name!r}")
