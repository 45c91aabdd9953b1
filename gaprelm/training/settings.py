"""The settings of one stage, read from ``stage.yaml``. They have no defaults: the workflow writes them all."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from gaprelm.edits.label_rules import LabelRules
from gaprelm.errors import ConfigurationError, shown
from gaprelm.evaluation.metrics import BETAS
from gaprelm.model.modeling import GapReLMModel
from gaprelm.stages import PLANNER, PLANNER_TRAIN, STAGES, position
from gaprelm.textio import read_utf8
from gaprelm.training.losses import LossSettings
from gaprelm.yaml_files import load_yaml


@dataclass(frozen=True)
class StageSettings:
    """All that one stage needs. Keys of config.yaml keep their names and meaning.

    stage: one of ``STAGES``.
    train_data: template files of pairs; may be empty.
    clean_data: normalized file of clean sentences, which get new errors every epoch, or None.
    repeats: how often an epoch sees each example of a corpus, where that is not once; 0: never.
    counts_of_folds: for each fold of the training sentences the counts of the others (``gaprelm.counts.folds``); empty
        for models that have no counts, or bring their own.
    dev_data: aligned dev files by name; if there are none, no checkpoint is selected, and the last step's weights are
        the result.
    dev_weights: how much each dev set counts when a checkpoint is selected.
    max_seq_length: the longest [CLS] source [SEP] that this stage trains on; None: the longest that the model takes.
    operating_point: ``f0.5`` or ``f2``: the score that selects checkpoints, whatever weights the losses have.
    scoring_resources: folder with the data of ChERRANT's substitution cost, or None.
    initial_model: directory whose weights the stage starts from.
    resume_from: directory of a checkpoint to resume from instead, or None.
    output_dir, work_dir, tensorboard_dir, log_file, history_file: where results, checkpoints, events and logs go.
    """

    stage: str
    train_data: list[str]
    clean_data: str | None
    repeats: dict[str, int]
    counts_of_folds: list[str]
    dev_data: dict[str, str]
    dev_weights: dict[str, float]
    max_seq_length: int | None
    operating_point: str
    scoring_resources: str | None
    initial_model: str
    resume_from: str | None
    output_dir: str
    work_dir: str
    tensorboard_dir: str
    log_file: str
    history_file: str
    experiment_name: str
    num_gpus: int
    batch_size: int
    gradient_accumulation_steps: int
    num_epochs: float
    learning_rate: float
    weight_decay: float
    warmup_ratio: float
    lr_schedule: str
    ema_decay: float | None
    max_grad_norm: float
    on_bad_loss: str
    fp16: bool
    bf16: bool | str
    num_workers: int
    seed: int
    save_steps: int
    eval_steps: int
    logging_steps: int
    enable_aux_mlm: bool
    enable_f2: bool
    lambda_infill: float
    mu_aux: float
    nu_tag: float
    aux_mlm_prob: float
    freeze_infiller: bool
    noise: dict[str, Any]

    @classmethod
    def from_file(cls, path: Path) -> StageSettings:
        """Read ``stage.yaml``.

        Raises:
            ConfigurationError: the file is missing or not YAML, or a key is missing or unknown.
            InputError: the file is not UTF-8.
        """
        if not path.is_file():
            raise ConfigurationError(f"{path}: no such file\n  cure: give the stage.yaml of a stage")
        values = load_yaml(read_utf8(path), str(path))
        names = [field.name for field in fields(cls)]
        if not isinstance(values, dict):
            raise ConfigurationError(f"{path}: found {shown(values)}; expected the keys {', '.join(names)}")
        for name in names:
            if name not in values:
                raise ConfigurationError(f"{path}: key {name} is missing; expected the keys {', '.join(names)}")
        unknown = [name for name in values if name not in names]
        if unknown:
            raise ConfigurationError(f"{path}: unknown key {unknown[0]}; expected the keys {', '.join(names)}")
        if values["stage"] not in list(STAGES):  # a list has no hash
            raise ConfigurationError(f"{path}: stage {shown(values['stage'])}; expected one of {', '.join(STAGES)}")
        return cls(**values)

    @property
    def freezes_infiller(self) -> bool:
        """Whether the infiller's head, and the embeddings tied to it, stay as they are (stage B only)."""
        return self.stage == PLANNER_TRAIN and self.freeze_infiller

    @property
    def stage_seed(self) -> int:
        """Seed of the order of the batches, the dropout and the auxiliary masks. It differs between stages: otherwise
        stage C would repeat the batches of stage B in the same order with the same masks."""
        return int(np.random.SeedSequence([self.seed, position(self.stage)]).generate_state(1)[0])

    @property
    def beta(self) -> float:
        """The F-beta that selects the best checkpoint."""
        return BETAS[self.operating_point]

    def losses(self, model: GapReLMModel) -> LossSettings:
        """The losses that this stage trains with."""
        switches = model.config.settings
        trains_planner = PLANNER in STAGES[self.stage].trains
        planner = float(trains_planner and switches.enable_gap)
        infill = self.lambda_infill if trains_planner else 1.0
        # Full templates mask every kept character, so all are learned without drawing auxiliary masks.
        learns_kept = self.uses_aux(model) or (self.enable_aux_mlm and self._masks_everything(model))
        aux = self.mu_aux if learns_kept and switches.enable_gap else 0.0
        return LossSettings(
            operation=planner,
            insert=planner * switches.enable_insert,
            infill=0.0 if self.freezes_infiller else infill,
            aux=0.0 if self.freezes_infiller else aux,
            tag=self.nu_tag * switches.enable_tagging * trains_planner,
            enable_f2=self.enable_f2,
        )

    def uses_aux(self, model: GapReLMModel) -> bool:
        """Whether auxiliary masks are drawn: if the infiller is trained and not every character is masked anyway."""
        return self.enable_aux_mlm and not self.freezes_infiller and not self._masks_everything(model)

    def reads_counts(self, model: GapReLMModel) -> bool:
        """Whether the stage reads what counting says. Stage A does not: what counts tell, the encoder would not learn,
        and batches without them are made much faster."""
        return model.counts is not None and PLANNER in STAGES[self.stage].trains

    def hides_masked(self, model: GapReLMModel) -> bool:
        """Whether auxiliary masks hide the character in the source too, as in a masked language model.

        In stage A always: infilling what is in view would be copying. Beside counts too: counting never thinks of a
        character itself as what should stand in its place, so a visible one would teach the infiller to distrust them.
        """
        return model.config.enable_counts or PLANNER not in STAGES[self.stage].trains

    def _masks_everything(self, model: GapReLMModel) -> bool:
        return model.config.template == "full" or not model.config.enable_gap

    def label_rules(self, model: PreTrainedModel) -> LabelRules:
        """The rules for the labels that ``model`` can learn."""
        return LabelRules.of(model.config)

    def training_rules(self, model: PreTrainedModel) -> LabelRules:
        """The rules for the examples of this stage, which may be shorter than ``model`` could take them."""
        rules = self.label_rules(model)
        return replace(rules, max_seq_length=min(rules.max_seq_length, self.max_seq_length or rules.max_seq_length))

    @property
    def training_files(self) -> list[str]:
        """Files of pairs and of clean sentences."""
        return [*self.train_data, *filter(None, (self.clean_data,))]

    @property
    def use_bf16(self) -> bool:
        """``bf16: auto`` means: where it is faster than fp32 (GPUs from Ampere on, CPUs with AMX).

        CPUs with AVX512-BF16 but without AMX multiply matrices in bf16 half as fast as in fp32 (docs/train/training.md
        has the command; 83 against 133 to 163 GFLOP/s with torch 2.13 on one core).
        """
        if self.bf16 != "auto":
            return bool(self.bf16)
        if self.fp16:
            return False
        if self.num_gpus:
            return torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.cpu._is_amx_tile_supported() and torch.cpu._is_avx512_bf16_supported()

    def check_devices(self) -> None:
        """Raise ConfigurationError if this machine cannot run the stage."""
        available = torch.cuda.device_count()
        if self.num_gpus > available:
            raise ConfigurationError(
                f"num_gpus={self.num_gpus}, but this machine has {available} usable GPU(s)\n"
                f"  cure: set num_gpus={available}, or check CUDA_VISIBLE_DEVICES and the driver"
            )
        if self.fp16 and not self.num_gpus:
            raise ConfigurationError("fp16=true needs a GPU, but num_gpus=0\n  cure: set fp16=false, or bf16=auto")
