"""A run without training: the counted corrector, made from the experiment's own tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gaprelm.data.tables import iterate_pairs
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.label_rules import LABEL_KEYS, LabelRules
from gaprelm.stages import JOINT_FINETUNE
from gaprelm.studies.baselines.channel import UNFITTED, ChannelProposer, Logistics, fitted
from gaprelm.training.counting import CountedData, count, count_settings


def counted(
    settings: Mapping[str, Any], texts: list[Path], pairs: list[Path], dev_data: Sequence[str]
) -> tuple[ChannelProposer, int]:
    """The proposer, and how many numbers it holds.

    Args:
        settings: of ``gaprelm.studies.ablations.variants.run_settings``.
        texts, pairs: normalized tables of the training sentences, see ``CountedData``.
        dev_data: aligned files, on which confidences are fitted.
    """
    stage = settings["stages"][JOINT_FINETUNE]
    data = CountedData(texts, pairs, stage["noise"], stage["seed"])
    model = count(data, count_settings(settings["counts"]))
    logistics: Logistics = UNFITTED
    if dev_data:
        dev = (pair for path in dev_data for pair in iterate_pairs(Path(path)))
        logistics = fitted(model, [(pair.source, pair.target) for pair in dev])
    switches = settings["model"]["switches"]
    learned = LabelRules(**{key: switches[key] for key in LABEL_KEYS}).edit_types
    types = [name for name in EDIT_TYPES if name in learned]
    return ChannelProposer(model, logistics, types), model.parameters
