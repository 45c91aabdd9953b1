"""Switches of 0.1.0 that no longer exist. Old checkpoints and configurations may name them if they are switched off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gaprelm.errors import CheckpointError


class RetiredKey(NamedTuple):
    """off: the value that switches it off. why: the reason why the key was removed."""

    off: bool | float
    why: str


RETIRED_KEYS: Mapping[str, RetiredKey] = {
    "aux_gap_prob": RetiredKey(0.0, "auxiliary masks in gaps gained nothing (docs/design/notes.md)"),
    "operation_embedding": RetiredKey(False, "showing the plan to the infiller gained nothing (docs/design/notes.md)"),
}


def check_retired_keys(config: Mapping[str, Any], name: str) -> None:
    """Check that a checkpoint needs no switch that no longer exists.

    Args:
        config: keys of a ``config.json``.
        name: of the file, for the message.

    Raises:
        CheckpointError: one of them is on.
    """
    for key, retired in RETIRED_KEYS.items():
        if config.get(key, retired.off) != retired.off:
            raise CheckpointError(
                f"{name}: {key}: found {config[key]!r}; expected {retired.off!r} or no such key: {retired.why}\n"
                f"  cure: train the model again without {key}, or use gaprelm 0.1.0"
            )
