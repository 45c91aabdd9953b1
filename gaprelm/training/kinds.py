"""The kinds of models that the engine can train, and the task that trains each kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from torch import nn
from transformers import PreTrainedModel

from gaprelm.counts.model import CountModel
from gaprelm.errors import CheckpointError, InputError
from gaprelm.json_files import read_json
from gaprelm.model.configuration import GapReLMConfig
from gaprelm.model.counted_inputs import CountedInputs
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.stages import PLANNER, STAGES
from gaprelm.training.settings import StageSettings
from gaprelm.training.task import GapReLMTask, Task

MakeTask = Callable[[Any, CharacterVocabulary, StageSettings], Task]


def _gap_relm_task(model: GapReLMModel, vocabulary: CharacterVocabulary, settings: StageSettings) -> Task:
    aux_mlm_prob = settings.aux_mlm_prob if settings.uses_aux(model) else 0.0
    counted: list[CountedInputs] = []
    if model.counts is not None and settings.reads_counts(model):
        every = [*(CountModel.load(Path(path)) for path in settings.counts_of_folds), model.counts]
        counted = [CountedInputs(counts, vocabulary, model.config.settings) for counts in every]
    losses, hides = settings.losses(model), settings.hides_masked(model)
    return GapReLMTask(model, vocabulary, losses, aux_mlm_prob, settings.stage_seed, counted, hides)


_KINDS: dict[str, tuple[type[PreTrainedModel], MakeTask]] = {GapReLMConfig.model_type: (GapReLMModel, _gap_relm_task)}


def register(model_class: type[PreTrainedModel], make_task: MakeTask) -> None:
    """Let the engine train another kind of model. Code that uses the kind calls this; the engine does not import it, so
    a change to the kind reruns nothing else."""
    assert model_class.config_class is not None, "every kind of model names its configuration"
    _KINDS[model_class.config_class.model_type] = (model_class, make_task)


def load_trainable(directory: Path) -> PreTrainedModel:
    """Load a checkpoint for training, as the class that its config.json names.

    Raises:
        CheckpointError: a file is damaged, or the files do not belong together.
    """
    cure = "cure: delete the directory, and the step that made it runs again; or name another checkpoint"
    try:
        kind = read_json(directory / "config.json", error=CheckpointError)["model_type"]
        return _KINDS[kind][0].from_pretrained(directory)
    except CheckpointError as error:
        raise CheckpointError(f"{str(error).splitlines()[0]}\n  {cure}") from error
    except (SafetensorError, InputError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"{directory}: config.json and model.safetensors cannot be read together ({error})\n  {cure}"
        ) from error


def make_task(model: PreTrainedModel, vocabulary: CharacterVocabulary, settings: StageSettings) -> Task:
    """The task with which a stage trains the model."""
    return _KINDS[model.config.model_type][1](model, vocabulary, settings)


def prepare(model: PreTrainedModel, settings: StageSettings) -> None:
    """Make a model ready for a stage; call this before DDP wraps it."""
    freeze(model, settings)
    if isinstance(model, GapReLMModel) and not settings.reads_counts(model):
        model.speak_up()


def freeze(model: PreTrainedModel, settings: StageSettings) -> None:
    """Switch off the gradients of the parts that the stage does not train; call this before DDP wraps the model."""
    if not isinstance(model, GapReLMModel):
        return
    frozen: list[nn.Module | nn.Parameter] = []
    if PLANNER not in STAGES[settings.stage].trains or not model.config.enable_gap:
        frozen += [model.operation_head, model.insert_head]
    if model.counted is not None and not settings.reads_counts(model):
        frozen.append(model.counted)
    if settings.freezes_infiller:
        # The head is tied to the embeddings; slots are only read by the infiller.
        frozen += [model.infiller_head, model.encoder.embeddings, model.slot_embedding]
        if model.counted is not None:
            frozen += [model.counted.written, model.counted.unlikely]
    for module in frozen:
        module.requires_grad_(False)
