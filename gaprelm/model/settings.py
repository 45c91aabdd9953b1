"""The shape and the switches of a Gap-ReLM, all in one class.

A new switch is added here, in config.yaml and its schema, and where it takes effect. The fields below decide the rest:
which keys the workflow passes to the initial model, what ``config.json`` holds, and what is checked when a model is
read. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.errors import CheckpointError, shown
from gaprelm.model.retired import check_retired_keys

_POSITIONS = 512  # BERT's default, if its configuration does not give the number
_LEAST_LENGTH = 3  # [CLS], a character, [SEP]


class _Expected(NamedTuple):
    """The values that a key may have: a test, and a description in words."""

    fits: Callable[[Any], bool]
    words: str


_TRUTH = _Expected(lambda v: isinstance(v, bool), "true or false")
_COUNT = _Expected(lambda v: type(v) is int and v >= 1, "a whole number from 1")
_LENGTH = _Expected(lambda v: type(v) is int and v >= _LEAST_LENGTH, f"a whole number from {_LEAST_LENGTH}")
_PASSES = _Expected(lambda v: type(v) is int and v in (1, 2), "1 or 2")
_TEMPLATE = _Expected(lambda v: v in TEMPLATE_KINDS, f"one of {', '.join(TEMPLATE_KINDS)}")
_SHARE = _Expected(lambda v: type(v) in (int, float) and 0 <= v <= 1, "a number from 0 to 1")


def _setting(default: Any, expected: _Expected, may_be_missing: bool = False) -> Any:
    return field(default=default, metadata={"expected": expected, "may_be_missing": may_be_missing})


@dataclass(frozen=True)
class ModelSettings:
    """The keys of config.yaml that define a model; a checkpoint keeps them in its ``config.json``.

    Experiments set them all in config.yaml. The defaults here are those of ``GapReLMConfig``, for a checkpoint without
    the key: the value that it was trained with.

    max_insert_num: the most characters that can be inserted in one gap; the insert head has one class more.
    max_seq_length: the longest [CLS] source [SEP], in tokens; longer texts are split by the Corrector.
    encoder_passes: 1 (template rows attend to everything, source rows to the source only) or
        2 (planner and infiller each with full attention, as in ReLM).
    template: ``sparse``, ``full`` or ``masks``, see ``gaprelm.edits.template``.
    enable_insert, enable_delete: whether the planner may insert, delete.
    enable_gap: False is plain ReLM: no planner; every character is masked and predicted again.
    enable_tagging: the infiller's head is also applied to the source, so that planner and infiller know which character
        it expects there. Always False without ``enable_gap``, which leaves out the planner.
    enable_counts: the network corrects what counting says (``gaprelm.counts``); ``counts.npz`` holds the counts.
    proposal_threshold: an edit goes to the infiller if the planner's probability for it is at least this.
    """

    max_insert_num: int = _setting(3, _COUNT)
    max_seq_length: int = _setting(128, _LENGTH)
    encoder_passes: int = _setting(1, _PASSES)
    template: str = _setting("sparse", _TEMPLATE)
    enable_insert: bool = _setting(True, _TRUTH)
    enable_delete: bool = _setting(True, _TRUTH)
    enable_gap: bool = _setting(True, _TRUTH)
    # Checkpoints that are older than these keys do not have them.
    enable_tagging: bool = _setting(False, _TRUTH, may_be_missing=True)
    enable_counts: bool = _setting(False, _TRUTH, may_be_missing=True)
    proposal_threshold: float = _setting(0.2, _SHARE)

    def __post_init__(self) -> None:
        if not self.enable_gap:
            object.__setattr__(self, "enable_tagging", False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], name: str = "configuration") -> ModelSettings:
        """The settings among the keys of a ``config.json``.

        Args:
            name: of the file, for messages.

        Raises:
            CheckpointError: a key is missing, its value cannot be used, or a switch is on that no longer exists.
        """
        check_retired_keys(config, name)
        for item in fields(cls):
            if item.name in config:
                _check(name, item.name, config[item.name], item.metadata["expected"])
            elif not item.metadata["may_be_missing"]:
                raise CheckpointError(f"{name}: no {item.name}; expected the configuration of a Gap-ReLM")
        positions = _positions(config)
        length = _Expected(lambda v: v <= positions, f"{_LENGTH.words} to the encoder's {positions} positions")
        _check(name, "max_seq_length", config["max_seq_length"], length)
        return cls(**{key: config[key] for key in MODEL_KEYS if key in config})


MODEL_KEYS = tuple(item.name for item in fields(ModelSettings))


def _check(name: str, key: str, value: Any, expected: _Expected) -> None:
    if not expected.fits(value):
        raise CheckpointError(
            f"{name}: {key}: found {shown(value)}; expected {expected.words}\n  cure: copy or export the model again"
        )


def _positions(config: Mapping[str, Any]) -> int:
    """How many tokens the encoder can read."""
    encoder = config.get("encoder")
    return encoder.get("max_position_embeddings", _POSITIONS) if isinstance(encoder, Mapping) else _POSITIONS
