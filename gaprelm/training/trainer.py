"""The Hugging Face Trainer with this project's batches, loss and dev metrics."""

from __future__ import annotations

import atexit
import logging
import math
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

import torch
import torch.distributed as distributed
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedModel, Trainer, TrainingArguments

from gaprelm.errors import CheckpointError, GapReLMError
from gaprelm.training.averaging import WeightAverage
from gaprelm.training.batches.examples import Example, ExampleSource
from gaprelm.training.batches.sampler import EpochDataLoader, LengthBatchSampler
from gaprelm.training.checkpoints import mark_complete
from gaprelm.training.development import DevSets
from gaprelm.training.interruption import Interruption
from gaprelm.training.losses import combine
from gaprelm.training.settings import StageSettings
from gaprelm.training.task import Task

# On CPUs larger passes are no faster, and cost memory: about 90 kB per token with the tiny encoder, 800 kB with base.
_TOKENS_A_PASS = 1536
_ROWS_SHOWN = 64
# The Trainer's names of ``lr_schedule``. All warm up in the share of the steps that ``warmup_ratio`` says.
_SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "wsd": "warmup_stable_decay"}
# The share of the steps in which ``wsd`` lowers the learning rate.
_DECAY_SHARE = 0.2

logger = logging.getLogger(__name__)


def training_arguments(settings: StageSettings, work_dir: str, has_dev: bool) -> TrainingArguments:
    """The Trainer's arguments for a stage; checkpoints and evaluation by steps."""
    arguments = TrainingArguments(
        output_dir=work_dir,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation_steps,
        num_train_epochs=settings.num_epochs,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_ratio,  # a number below 1 is a share of all steps
        lr_scheduler_type=_SCHEDULES[settings.lr_schedule],
        max_grad_norm=settings.max_grad_norm,
        fp16=settings.fp16,
        bf16=settings.use_bf16,
        tf32=True if settings.num_gpus and torch.cuda.get_device_capability() >= (8, 0) else None,
        use_cpu=not settings.num_gpus,
        # Without torchrun there is no process group, and a named backend would require one.
        ddp_backend=("nccl" if settings.num_gpus else "gloo") if "RANK" in os.environ else None,
        ddp_find_unused_parameters=False,
        # BERT's only buffers are constants; broadcasting them would slow down every step.
        ddp_broadcast_buffers=False,
        dataloader_num_workers=settings.num_workers,
        eval_strategy="steps" if has_dev else "no",
        eval_steps=settings.eval_steps,
        save_steps=settings.save_steps,
        save_total_limit=2,
        logging_steps=settings.logging_steps,
        logging_nan_inf_filter=False,
        seed=settings.stage_seed,
        report_to=["tensorboard"],
        disable_tqdm=False,
        remove_unused_columns=False,
        optim="adamw_torch_fused",
    )
    # One GPU per process: with more visible the Trainer would use nn.DataParallel, which splits batches.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


def _leave_sigterm_to_the_trainer(worker: int) -> None:
    """torchrun and Slurm signal whole process groups. A loader process that ended would end the run before it saves its
    checkpoint, so loader processes ignore SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@atexit.register
def _end_loader_processes() -> None:
    """Else Python would end a loader process that is left with SIGTERM, which it ignores, and wait for it for ever."""
    for process in multiprocessing.active_children():
        if process.daemon:
            process.kill()


# What torch and transformers raise at files that are damaged, or of another model.
_UNREADABLE = (
    pickle.UnpicklingError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


@contextmanager
def _one_error(checkpoint: str | None) -> Iterator[None]:
    """What goes wrong while a checkpoint is read, as one error. torch's own advises to read the file as code.

    Raises:
        CheckpointError: a file is damaged, or belongs to another model.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except _UNREADABLE as error:
        raise CheckpointError(
            f"{checkpoint} cannot be resumed: its optimizer, schedule, average or random state is damaged, or is no "
            f"such thing ({type(error).__name__})\n  cure: delete it, or name another checkpoint"
        ) from error


class CorrectorTrainer(Trainer):
    """Trainer whose loss parts are averaged over all labels of a step, on all ranks and in all accumulated batches.

    Args:
        model: its frozen parameters already have ``requires_grad=False``.
        args: of the Trainer.
        examples: training data.
        task: what kind of corrector it is.
        dev: the dev sets, or None.
        callbacks: further callbacks of the Trainer.
        interruption: ends the run early on SIGTERM.
        skip_bad_steps: skip a step whose loss or gradient is NaN or infinite, instead of ending the run.
        average: of the weights, which is evaluated in place of them; None: no average.
    """

    # compute_loss divides by the labels of all accumulated batches itself. Versions of transformers that do not know
    # this read ``model_accepts_loss_kwargs``.
    loss_is_scaled_for_ga = True
    # What ``__init__`` takes; the Trainer's own annotations allow for more.
    model: PreTrainedModel
    train_dataset: ExampleSource

    def __init__(
        self,
        model: PreTrainedModel,
        args: TrainingArguments,
        examples: ExampleSource,
        task: Task,
        dev: DevSets | None,
        callbacks: list,
        interruption: Interruption,
        skip_bad_steps: bool = False,
        average: WeightAverage | None = None,
    ) -> None:
        # The Trainer requires a dev set to evaluate by steps; ``evaluate`` below uses it.
        super().__init__(
            model=model,
            args=args,
            train_dataset=examples,
            eval_dataset=dev,
            data_collator=task.collate,
            callbacks=[*callbacks, *filter(None, [average]), interruption],
        )
        self.model_accepts_loss_kwargs = True
        self._task, self._dev, self._interruption = task, dev, interruption
        self._skip_bad_steps, self._average = skip_bad_steps, average
        # The rows of this step's examples, for messages.
        self._rows: list[int] = []
        self._tokens_a_pass = _TOKENS_A_PASS if args.use_cpu else None
        # Stays on the device: copying it to the CPU would wait for the GPU in every pass.
        self._part_sums = torch.zeros(len(task.loss_parts), device=args.device)
        # The sum of the losses of this step, which is looked at together with the gradient.
        self._step_loss = torch.zeros((), device=args.device)
        # The step of the last log; a resumed run starts at the step of its checkpoint, not at 0.
        self._logged_step: int | None = None

    def get_train_dataloader(self) -> DataLoader:
        args = self.args
        sampler = LengthBatchSampler(
            self.train_dataset.lengths,
            args.per_device_train_batch_size,
            args.seed,
            args.process_index,
            args.world_size,
        )
        return EpochDataLoader(
            # A DataLoader reads by len() and [] alone, though its annotation names a class.
            cast("Dataset[Example]", self.train_dataset),
            batch_sampler=sampler,
            collate_fn=self.data_collator,
            num_workers=args.dataloader_num_workers,
            worker_init_fn=_leave_sigterm_to_the_trainer,
            pin_memory=torch.cuda.is_available() and not args.use_cpu,
        )

    def create_scheduler(self, num_training_steps: int, optimizer: Optimizer | None = None) -> LRScheduler:
        """The schedule of the learning rate. Only here the number of steps is known, which ``wsd`` needs."""
        if self.args.lr_scheduler_type == "warmup_stable_decay":
            rest = num_training_steps - self.args.get_warmup_steps(num_training_steps)
            steps = min(rest, math.ceil(_DECAY_SHARE * num_training_steps))
            self.args.lr_scheduler_kwargs = {"num_decay_steps": steps, "decay_type": "linear"}
        return super().create_scheduler(num_training_steps, optimizer)

    def _prepare_inputs(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The batch on the device, copied asynchronously from pinned memory."""
        return {name: tensor.to(self.args.device, non_blocking=True) for name, tensor in inputs.items()}

    def get_batch_samples(
        self, epoch_iterator: Iterator, num_batches: int, device: torch.device
    ) -> tuple[list[dict[str, Tensor]], Tensor]:
        """The batches of one step, and the label weights (parts,) of all these batches on all ranks."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        self._rows = [row for batch in batches for row in batch.pop("rows").tolist()]
        weights = sum(map(self._task.weights, batches), torch.zeros(len(self._task.loss_parts)))
        if self.args.world_size == 1:
            self._interruption.agreed = self._interruption.requested
            # A copy that blocks would wait until the GPU has done all that it was given before.
            return batches, weights.to(device, non_blocking=True)
        # SIGTERM is sent along as one more number, so that all ranks stop at the same step.
        numbers = torch.cat([weights, torch.tensor([float(self._interruption.requested)])]).to(device)
        distributed.all_reduce(numbers)
        self._interruption.agreed = bool(numbers[-1])
        return batches, numbers[:-1]

    def training_step(
        self, model: nn.Module, inputs: dict[str, Tensor], num_items_in_batch: Tensor | None = None
    ) -> Tensor:
        """Forward and backward pass of a batch, in pieces of bounded size; the loss is the sum over the pieces.

        Losses are divided by the label weights of the whole step, so splitting changes only the memory needed.
        """
        passes = self._task.passes(inputs, self._tokens_a_pass)
        total = torch.zeros((), device=self.args.device)
        for number, batch in enumerate(passes, 1):
            # DDP exchanges gradients only once, in the last pass.
            last = number == len(passes)
            try:
                with nullcontext() if last else self.accelerator.no_sync(model=model):
                    total = total + super().training_step(model, batch, num_items_in_batch)
            except (torch.OutOfMemoryError, MemoryError) as error:
                raise self._out_of_memory(inputs) from error
        self._step_loss += total.detach()
        # The loss that is logged stays finite.
        return total.nan_to_num(0.0, 0.0, 0.0)

    def _out_of_memory(self, batch: dict[str, Tensor]) -> GapReLMError:
        """The error, with what to lower and to which number."""
        rows, width = batch["source_ids"].shape
        size, steps = self.args.per_device_train_batch_size, self.args.gradient_accumulation_steps
        memory = ""
        if torch.cuda.is_available():
            _, total = torch.cuda.mem_get_info()
            memory = f"; this process had {torch.cuda.max_memory_allocated() / 2**30:.1f} of {total / 2**30:.1f} GiB"
        cure = f"set batch_size={size // 2} and gradient_accumulation_steps={2 * steps}, which keeps the size of a step"
        if size == 1:
            cure = "lower max_seq_length, or choose a smaller pretrained_model"
        return GapReLMError(
            f"out of memory in step {self.state.global_step + 1}, with a batch of {rows} examples of up to {width} "
            f"tokens{memory}\n  cure: {cure}; the last checkpoint is kept"
        )

    def _get_grad_norm(self, model: nn.Module, grad_norm: Any = None) -> Any:
        """The norm of the gradient before it was clipped. A gradient that is NaN or infinite is dropped; it is the same
        on all ranks, so they all do the same."""
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)
        assert isinstance(norm, Tensor), "only DeepSpeed gives none"
        # Together, because the processor waits for the GPU each time that it asks for a number.
        loss, length = torch.stack([self._step_loss, norm.detach().to(self._step_loss)]).tolist()
        self._step_loss.zero_()
        # Where bad steps are skipped, all ranks learn of a bad loss by the gradient, which is bad too.
        if not math.isfinite(loss) and not self._skip_bad_steps:
            self._report_bad_step(f"the loss is {loss}")
        # With fp16 an overflow is normal: the scaler leaves the step out and lowers its factor.
        if not math.isfinite(length) and not self.args.fp16:
            self._report_bad_step(f"the norm of the gradient is {length}")
            for parameter in model.parameters():
                parameter.grad = None
        return norm

    def _report_bad_step(self, found: str) -> None:
        """Name the step and its examples: in a warning if bad steps are skipped, else in an error that ends the run."""
        rows = ", ".join(map(str, sorted(self._rows)[:_ROWS_SHOWN])) + (", …" if len(self._rows) > _ROWS_SHOWN else "")
        message = f"{found} in step {self.state.global_step + 1}, with the training examples {rows} (rows from 0)"
        if not self._skip_bad_steps:
            raise GapReLMError(
                f"{message}\n  cure: lower learning_rate, use bf16 instead of fp16, or leave such steps out with "
                "on_bad_loss=skip; the last checkpoint is kept"
            )
        logger.warning("%s: the step is left out", message)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Save a checkpoint, and mark it complete when the files of all ranks are written."""
        assert self.args.output_dir is not None, "training_arguments names it"
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(model, trial)
            if self._average and self.args.should_save:
                self._average.save(folder)
        except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError if the disk is full
            raise GapReLMError(
                f"{folder} cannot be written: {error}\n"
                "  cure: make room on the disk and start again: the run goes on from the checkpoint before"
            ) from error
        if self.args.world_size > 1:
            distributed.barrier()
        if self.args.should_save:
            # ``resume_from`` needs the vocabulary, to check that it is the same.
            self._task.vocabulary.save(folder)
            mark_complete(folder)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        """Load the average of the weights too."""
        with _one_error(checkpoint):
            super()._load_optimizer_and_scheduler(checkpoint)
            if self._average and checkpoint is not None:
                self._average.load(Path(checkpoint), self.model)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Load the states of the random generators."""
        with _one_error(checkpoint):
            super()._load_rng_state(checkpoint)

    def _load_scaler(self, checkpoint: str | None) -> None:
        """Load the state of fp16's loss scaler. A run without fp16 has none, but can resume a checkpoint of fp16."""
        if self.accelerator.scaler is not None:
            super()._load_scaler(checkpoint)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Any:
        if self._logged_step is None:
            self._logged_step = self.state.global_step
        weights = num_items_in_batch if num_items_in_batch is not None else self._task.weights(inputs)
        loss, parts = combine(self._task.sums(model, inputs), weights, self._task.coefficients)
        self._part_sums += parts.detach().nan_to_num(0.0, 0.0, 0.0)
        # DDP averages the gradients of the ranks, but the gradient of the whole step is their sum.
        loss = loss * self.args.world_size
        return (loss, None) if return_outputs else loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the parts of the loss to the log: sums over the ranks, averaged over the steps since the last log."""
        if "loss" in logs:
            sums = self._part_sums.clone()
            if self.args.world_size > 1:
                distributed.all_reduce(sums)
            assert self._logged_step is not None, "the first step sets it, before its loss is logged"
            steps = self.state.global_step - self._logged_step
            for name, value, factor in zip(self._task.loss_parts, sums.tolist(), self._task.coefficients, strict=True):
                if factor:
                    logs[f"loss_{name}"] = value / steps
            self._part_sums.zero_()
            self._logged_step = self.state.global_step
        super().log(logs, start_time)

    def evaluate(self, *_args: Any, **_kwargs: Any) -> dict[str, float]:
        """Dev metrics, with the Trainer's prefix ``eval_``: of the average of the weights, if there is one."""
        if self._dev is None:
            return {}
        with self.result_in_model():
            metrics = {f"eval_{name}": value for name, value in self._dev.evaluate(self.model).items()}
            self.model.train()
            self.log(dict(metrics))
            # Inside the block, because a callback saves the weights that were evaluated.
            self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def result_in_model(self) -> AbstractContextManager[None]:
        """Inside the block the model has the weights that count: their average, if there is one."""
        return self._average.in_place_of_weights(self.model) if self._average else nullcontext()
