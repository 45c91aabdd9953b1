"""The shape and the switches of a Gap-ReLM, all in one class.

A new switch is added here, in config.yaml and its schema, and where it takes effect. The fields below decide the rest:
which keys the workflow passes to the initial model, what ``config.json`` holds, and what is checked when a model is
read. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from gaprelm.edits.template import TEMPLATE_KINDS
from gaprelm.errors import CheckpointError
from gaprelm.model.encoder import LEAST_POSITIONS, MOST_POSITIONS, checked_encoder
from gaprelm.model.expected import TRUTH, Expected, number, one_of, whole
from gaprelm.model.retired import check_retired_keys

# The planner has a class for each number of inserted characters; people leave out a few.
_INSERTED = whole(1, 255)
_LENGTH = whole(LEAST_POSITIONS, MOST_POSITIONS)


def _setting(default: Any, expected: Expected, may_be_missing: bool = False) -> Any:
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

    max_insert_num: int = _setting(3, _INSERTED)
    max_seq_length: int = _setting(128, _LENGTH)
    encoder_passes: int = _setting(1, one_of((1, 2)))
    template: str = _setting("sparse", one_of(TEMPLATE_KINDS))
    enable_insert: bool = _setting(True, TRUTH)
    enable_delete: bool = _setting(True, TRUTH)
    enable_gap: bool = _setting(True, TRUTH)
    # Checkpoints that are older than these keys do not have them.
    enable_tagging: bool = _setting(False, TRUTH, may_be_missing=True)
    enable_counts: bool = _setting(False, TRUTH, may_be_missing=True)
    proposal_threshold: float = _setting(0.2, number(0, 1))

    def __post_init__(self) -> None:
        if not self.enable_gap:
            object.__setattr__(self, "enable_tagging", False)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], name: str = "configuration") -> ModelSettings:
        """The settings among the keys of a ``config.json``.

        Args:
            name: of the file, for messages.

        Raises:
            CheckpointError: a key is missing, its value or one of the encoder's cannot be used, or a switch is on that
                no longer exists.
        """
        check_retired_keys(config, name)
        for item in fields(cls):
            if item.name in config:
                item.metadata["expected"].check(name, item.name, config[item.name])
            elif not item.metadata["may_be_missing"]:
                raise CheckpointError(
                    f"{name}: no {item.name}; expected the configuration of a Gap-ReLM\n"
                    "  cure: copy or export the model again"
                )
        positions = checked_encoder(config.get("encoder"), name)["max_position_embeddings"]
        length = Expected(
            lambda v: v <= positions,
            f"a whole number from {LEAST_POSITIONS} to the encoder's {positions} positions",
        )
        length.check(name, "max_seq_length", config["max_seq_length"])
        return cls(**{key: config[key] for key in MODEL_KEYS if key in config})


MODEL_KEYS = tuple(item.name for item in fields(ModelSettings))
