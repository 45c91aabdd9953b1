"""Loads the models of finished runs, both Gap-ReLM and taggers."""

from __future__ import annotations

from pathlib import Path

from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.studies.baselines.tagging import TaggingModel
from gaprelm.studies.baselines.task import register_taggers
from gaprelm.training.kinds import load_trainable


def finished_model(directory: Path) -> tuple[GapReLMModel | TaggingModel, CharacterVocabulary]:
    """The model of a ``best_stage_c`` directory, ready to propose, and its vocabulary.

    Raises:
        CheckpointError: a file is damaged, or the files do not belong together.
    """
    register_taggers()
    model = load_trainable(directory).eval()
    assert isinstance(model, GapReLMModel | TaggingModel), "no other kinds are registered"
    return model, CharacterVocabulary.from_file(directory / "vocab.txt")
