"""Scores of spelling correction, as the SIGHAN tasks compute them and as papers do."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "SpellingItem": "score",
    "character_level": "score",
    "corrections": "score",
    "pycorrector_level": "score",
    "score_official_files": "scored_files",
    "score_text_files": "scored_files",
    "sentence_level": "score",
    "sighan_2013_correction": "sighan",
    "sighan_2013_detection": "sighan",
    "sighan_2015": "sighan",
    "spelling_items": "score",
}


def __getattr__(name: str) -> Any:
    """What users import from here; loaded on first use, so that a step that needs one part depends on that alone."""
    if name in _PLACES:
        return getattr(import_module(f"gaprelm.scoring.spelling.{_PLACES[name]}"), name)
    raise AttributeError(f"module 'gaprelm.scoring.spelling' has no attribute {name!r}")
