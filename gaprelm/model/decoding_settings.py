"""The part of a model's configuration that decoding depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.errors import CheckpointError, shown
from gaprelm.model.retired import check_retired_keys

_LEAST_LENGTH = 3  # [CLS], a character, [SEP]
_POSITIONS = 512  # of BERT, where its configuration says nothing


@dataclass(frozen=True)
class DecodingSettings:
    """The keys of ``GapReLMConfig`` that decoding depends on, under the same names."""

    max_seq_length: int
    encoder_passes: int
    template: str
    enable_insert: bool
    enable_delete: bool
    enable_gap: bool
    proposal_threshold: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any], name: str = "configuration") -> DecodingSettings:
        """The settings among the keys of a ``config.json``.

        Raises:
            CheckpointError: a key is missing, its value cannot be used, or it is one that has gone.
        """
        check_retired_keys(config, name)
        known = {field.name: config[field.name] for field in fields(cls) if field.name in config}
        missing = [field.name for field in fields(cls) if field.name not in known]
        if missing:
            raise CheckpointError(f"{name}: no {missing[0]}; expected the configuration of a Gap-ReLM")
        for key, value in known.items():
            expected = _expected(key, config)
            if not expected.fits(value):
                raise CheckpointError(
                    f"{name}: {key}: found {shown(value)}; expected {expected.words}\n"
                    "  cure: copy or export the model again"
                )
        return cls(**known)


class _Expected(NamedTuple):
    """Which values a key may have, and that in words."""

    fits: Callable[[Any], bool]
    words: str


def _expected(key: str, config: Mapping[str, Any]) -> _Expected:
    if key == "max_seq_length":
        encoder = config.get("encoder")
        positions = encoder.get("max_position_embeddings", _POSITIONS) if isinstance(encoder, Mapping) else _POSITIONS
        words = f"a whole number from {_LEAST_LENGTH} to the encoder's {positions} positions"
        return _Expected(lambda v: type(v) is int and _LEAST_LENGTH <= v <= positions, words)
    if key == "encoder_passes":
        return _Expected(lambda v: type(v) is int and v in (1, 2), "1 or 2")
    if key == "template":
        return _Expected(lambda v: v in TEMPLATE_KINDS, f"one of {', '.join(TEMPLATE_KINDS)}")
    if key == "proposal_threshold":
        return _Expected(lambda v: type(v) in (int, float) and 0 <= v <= 1, "a number from 0 to 1")
    return _Expected(lambda v: isinstance(v, bool), "true or false")
