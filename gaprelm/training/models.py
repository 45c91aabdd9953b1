"""Models of all kinds that the engine trains, and how each is trained."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError
from transformers import PreTrainedModel

from gaprelm.baselines.tagging import TaggingConfig, TaggingModel
from gaprelm.baselines.task import TaggingTask
from gaprelm.configuration_gaprelm import GapReLMConfig
from gaprelm.errors import CheckpointError
from gaprelm.modeling_gaprelm import GapReLMModel
from gaprelm.tokenization import CharacterVocabulary
from gaprelm.training.settings import INFILLER_PRETRAIN, StageSettings
from gaprelm.training.task import GapReLMTask, Task

_CLASSES = {GapReLMConfig.model_type: GapReLMModel, TaggingConfig.model_type: TaggingModel}


def load_model(directory: Path) -> PreTrainedModel:
    """The model of a checkpoint, of the class that its config.json names.

    Raises:
        CheckpointError: a file is damaged, or the files do not belong together.
    """
    try:
        kind = json.loads((directory / "config.json").read_text(encoding="utf-8"))["model_type"]
        return _CLASSES[kind].from_pretrained(directory)
    except (SafetensorError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{directory}: config.json and model.safetensors cannot be read together ({error})\n"
            "  cure: delete the directory, and the step that made it runs again; or name another checkpoint"
        ) from error


def make_task(model: PreTrainedModel, vocabulary: CharacterVocabulary, settings: StageSettings) -> Task:
    """How a stage trains the model."""
    if isinstance(model, TaggingModel):
        return TaggingTask(model, vocabulary, settings.enable_f2)
    aux_share = settings.aux_mlm_prob if settings.uses_aux(model) else 0.0
    return GapReLMTask(model, vocabulary, settings.losses(model), aux_share, settings.seed)


def freeze(model: PreTrainedModel, settings: StageSettings) -> None:
    """Switch off the gradients of what the stage does not train, before DDP wraps the model."""
    if isinstance(model, TaggingModel):
        return
    frozen = []
    if settings.stage == INFILLER_PRETRAIN or not model.config.enable_gap:
        frozen += [model.operation_head, model.insert_head]
    if settings.freezes_infiller:
        # The head is tied to the embeddings; slots are only read by the infiller.
        frozen += [model.infiller_head, model.encoder.embeddings, model.slot_embedding]
    for module in frozen:
        module.requires_grad_(False)
