"""A run without training: the counted corrector, made from the experiment's own tables."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from gaprelm.counts.errors import ErrorCounts
from gaprelm.counts.model import CountModel
from gaprelm.data.tables import iterate_pairs, iterate_rows, iterate_sentences
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.label_rules import LABEL_KEYS, LabelRules
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.confusion import ShapeConfusions
from gaprelm.stages import JOINT_FINETUNE
from gaprelm.studies.baselines import CHANNEL
from gaprelm.studies.baselines.channel import UNFITTED, ChannelProposer, Logistics, fitted

logger = logging.getLogger(__name__)

# Clean sentences that get errors to be counted: enough for the rates and the commoner confusions.
MOST_CORRUPTED = 20_000


def counted(
    settings: Mapping[str, Any], common: Mapping[str, Any], texts: Sequence[Path]
) -> tuple[ChannelProposer, int]:
    """The proposer, and how many numbers it holds.

    Args:
        settings: of ``gaprelm.studies.ablations.variants.run_settings``.
        common: keys of ``StageSettings`` that are equal in all runs. ``repeat`` has no effect: each text counts once.
        texts: normalized tables of the training sentences.
    """
    errors = ErrorCounts.from_pairs(_training_pairs(settings, common))
    characters: set[str] = set()
    for text in _correct(texts):
        characters.update(text)
    model = CountModel.build(_correct(texts), errors, ShapeConfusions(characters).of)
    logistics: Logistics = UNFITTED
    if common["dev_data"]:
        dev = (pair for path in common["dev_data"].values() for pair in iterate_pairs(Path(path)))
        logistics = fitted(model, [(pair.source, pair.target) for pair in dev])
    switches = settings["model"]["switches"]
    learned = LabelRules(**{key: switches[key] for key in LABEL_KEYS}).edit_types
    types = [name for name in EDIT_TYPES if name in learned]
    logger.info("counted: %d characters, %.1f MB", len(model.alphabet), model.size / 1e6)
    return ChannelProposer(model, logistics, types), model.parameters


def _correct(paths: Sequence[Path]) -> Iterator[str]:
    """The clean sentences and the references of the tables, each reference of a sentence once."""
    for path in paths:
        for sentence in iterate_sentences(path):
            yield from dict.fromkeys(sentence.targets)


def _training_pairs(settings: Mapping[str, Any], common: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(source, target) of the experiment's pairs; where it has none, clean sentences with generated errors."""
    if not common["train_data"]:
        return _generated(settings["stages"][JOINT_FINETUNE], Path(common["clean_data"]))
    rows = (row for path in common["train_data"] for row in iterate_rows(Path(path), ["source", "target"]))
    return ((row["source"], row["target"]) for row in rows)


def _generated(stage: Mapping[str, Any], path: Path) -> Iterator[tuple[str, str]]:
    """At most ``MOST_CORRUPTED`` sentences, evenly spaced, with the errors of the stage's noise."""

    def sentences() -> Iterator[str]:
        return (row["source"] for row in iterate_rows(path, ["source"]))

    corruptor = make_corruptor(stage["noise"], sentences(), stage["seed"])
    step = max(1, -(-sum(1 for _ in sentences()) // MOST_CORRUPTED))
    for number, sentence in enumerate(islice(sentences(), 0, None, step)):
        yield corruptor.corrupt(sentence, f"{CHANNEL}/{number}").source, sentence
