"""Train one stage.

    python -m gaprelm.training stage.yaml                                      one process
    torchrun --standalone --nproc-per-node 4 -m gaprelm.training stage.yaml    four GPUs, or four CPU processes

The workflow writes stage.yaml and calls this. A stage that was killed resumes from its last checkpoint when it is
called again with the same settings, data and code; if any of these changed, it starts anew in another work directory.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from pathlib import Path

import torch
import torch.distributed as distributed
from transformers import PreTrainedModel

from gaprelm.json_files import write_json
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources
from gaprelm.stages import INFILL_ACCURACY, STAGES
from gaprelm.textio import write_text
from gaprelm.training.averaging import WeightAverage
from gaprelm.training.banner import banner
from gaprelm.training.batches.stage_examples import training_examples
from gaprelm.training.callbacks import BestWeights, LogFile
from gaprelm.training.checkpoints import check_same_shape, fingerprint, last_checkpoint
from gaprelm.training.development import DevSet, DevSets
from gaprelm.training.interruption import EXIT_TERMINATED, Interruption
from gaprelm.training.kinds import load_trainable, make_task, prepare
from gaprelm.training.result import write_result
from gaprelm.training.runtime import prepare_process
from gaprelm.training.settings import StageSettings
from gaprelm.training.task import Task
from gaprelm.training.trainer import CorrectorTrainer, training_arguments
from gaprelm.training.work import lock

logger = logging.getLogger(__name__)


def main() -> int:
    """Entry of ``python -m gaprelm.training STAGE.yaml``."""
    if len(sys.argv) != 2:
        sys.stderr.write(f"usage: {Path(sys.argv[0]).name} STAGE.yaml\n")
        return 2
    prepare_process()
    settings = StageSettings.from_file(Path(sys.argv[1]))
    settings.check_devices()
    if settings.resume_from:
        check_same_shape(Path(settings.resume_from), Path(settings.initial_model))
    _log_to(settings)
    if settings.num_epochs == 0:
        _pass_through(settings)
        return 0
    return 0 if train_stage(settings) else EXIT_TERMINATED


def train_stage(settings: StageSettings) -> bool:
    """Train, choose the best weights on dev, and write them as the result. Resumes an interrupted run.

    Returns:
        whether the stage is finished; False if SIGTERM ended it, with a checkpoint.
    """
    # Made first, so that a signal during the reading of data and model ends the run after its first step.
    interruption = Interruption()
    os.environ["TENSORBOARD_LOGGING_DIR"] = settings.tensorboard_dir
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    work_dir = Path(settings.work_dir) / settings.stage / fingerprint(settings, world_size)
    # Creating the arguments starts the process group, so that ranks can wait for each other.
    arguments = training_arguments(settings, str(work_dir), has_dev=bool(settings.dev_data))
    is_main = arguments.process_index == 0
    lock_file = lock(work_dir) if is_main else None
    start = Path(settings.resume_from or settings.initial_model)
    model = load_trainable(start)
    prepare(model, settings)
    vocabulary = CharacterVocabulary.from_file(Path(settings.initial_model) / "vocab.txt")
    with arguments.main_process_first(local=False):
        examples = training_examples(settings, model, vocabulary, work_dir, write=is_main)
    task = make_task(model, vocabulary, settings)
    dev = _dev_sets(settings, model, task, arguments.process_index, world_size)
    selects = STAGES[settings.stage].selects
    metric = selects if selects == INFILL_ACCURACY else settings.operating_point
    best = BestWeights(work_dir / "best", metric)
    callbacks = [best, LogFile()]
    trainer = CorrectorTrainer(
        model,
        arguments,
        examples,
        task,
        dev,
        callbacks,
        interruption,
        skip_bad_steps=settings.on_bad_loss == "skip",
        average=WeightAverage(settings.ema_decay) if settings.ema_decay else None,
    )
    if is_main:
        logger.info("%s", banner(settings, model, len(examples), dev.sizes if dev else {}, world_size))
    if arguments.process_index:
        # Each process draws other dropout; the main process keeps the Trainer's seed.
        torch.manual_seed(settings.stage_seed + arguments.process_index)
    trainer.train(resume_from_checkpoint=_agreed_checkpoint(settings, work_dir, is_main))
    finished = trainer.state.global_step >= trainer.state.max_steps
    if is_main and finished:
        _finish(settings, trainer, best, vocabulary, work_dir.name)
    elif is_main:
        logger.info("stopped at step %d: the same command goes on from there", trainer.state.global_step)
    del lock_file
    if distributed.is_initialized():
        # The destructor of a gloo group hangs if the other ranks have already ended, or if DDP still holds the group.
        del trainer, model, best, callbacks
        gc.collect()
        distributed.barrier()
        distributed.destroy_process_group()
    return finished


def _dev_sets(
    settings: StageSettings, model: PreTrainedModel, task: Task, rank: int, world_size: int
) -> DevSets | None:
    if not settings.dev_data:
        return None
    how = (task, settings.label_rules(model), settings.batch_size)
    annotator = Annotator(Resources.load(settings.scoring_resources))
    sets = {
        name: DevSet(Path(path), *how, annotator, rank, world_size) for name, path in sorted(settings.dev_data.items())
    }
    return DevSets(sets, settings.dev_weights, settings.beta)


def _agreed_checkpoint(settings: StageSettings, work_dir: Path, is_main: bool) -> str | None:
    """The checkpoint to resume from. Only the main process looks for it, because looking deletes incomplete ones."""
    chosen = [_checkpoint(settings, work_dir) if is_main else None]
    if distributed.is_initialized():
        distributed.broadcast_object_list(chosen)
    return chosen[0]


def _checkpoint(settings: StageSettings, work_dir: Path) -> str | None:
    """The checkpoint to resume from: the last one of this run, else ``resume_from`` if it contains an optimizer."""
    checkpoint = last_checkpoint(work_dir)
    if checkpoint is None and settings.resume_from and (Path(settings.resume_from) / "trainer_state.json").is_file():
        checkpoint = Path(settings.resume_from)
    if checkpoint is None:
        others = [path.name for path in work_dir.parent.iterdir() if path != work_dir and path.is_dir()]
        known = f"; not used, for they belong to other settings, data or code: {', '.join(others)}" if others else ""
        logger.info("starting anew in %s%s", work_dir, known)
        return None
    logger.info("going on from %s", checkpoint)
    return str(checkpoint)


def _finish(
    settings: StageSettings, trainer: CorrectorTrainer, best: BestWeights, vocabulary: CharacterVocabulary, run: str
) -> None:
    """Write the best weights (without dev the last ones) and the history, and log where they are.

    Args:
        run: fingerprint of the run, written into training_args.json.
    """
    record = best.record if settings.dev_data else None
    chosen = record or {"step": trainer.state.global_step, "metrics": None}
    result = {
        "stage": settings.stage,
        "chosen_by": best.metric if record else "last step",
        "fingerprint": run,
        **chosen,
    }
    with trainer.result_in_model():
        model = load_trainable(best.directory) if record else trainer.model
        written = write_result(model, vocabulary, Path(settings.output_dir), settings, result)
    write_json(Path(settings.history_file), trainer.state.log_history, indent=1)
    logger.info("Outputs of %s (%s, step %d):", settings.stage, result["chosen_by"], result["step"])
    for path in [*written, Path(settings.history_file), Path(settings.tensorboard_dir), Path(settings.log_file)]:
        logger.info("  %s", path)


def _pass_through(settings: StageSettings) -> None:
    """``num_epochs: 0``: the stage's result is what it started from."""
    if int(os.environ.get("RANK", "0")):
        return
    start = Path(settings.resume_from or settings.initial_model)
    vocabulary = CharacterVocabulary.from_file(Path(settings.initial_model) / "vocab.txt")
    result = {"stage": settings.stage, "chosen_by": "passed through (num_epochs 0)", "step": 0, "metrics": None}
    write_result(load_trainable(start), vocabulary, Path(settings.output_dir), settings, result)
    write_text(Path(settings.history_file), "[]\n")
    logger.info("%s: num_epochs is 0, %s passed through to %s", settings.stage, start, settings.output_dir)


def _log_to(settings: StageSettings) -> None:
    """Progress on stderr; the main process also appends to training.log, with time and stage."""
    root = logging.getLogger()
    if int(os.environ.get("RANK", "0")):
        root.setLevel(logging.WARNING)
        return
    Path(settings.log_file).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(settings.log_file, encoding="utf-8")
    handler.setFormatter(logging.Formatter(f"%(asctime)s {settings.stage} %(levelname)s %(message)s"))
    logging.getLogger("gaprelm").addHandler(handler)
    # The progress bar already prints metrics to the terminal.
    logging.getLogger("gaprelm.metrics").propagate = False
    logging.getLogger("gaprelm.metrics").addHandler(handler)
