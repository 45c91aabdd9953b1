"""A small stage on a few sentences."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from gaprelm.data.pairs import aligned_rows, write_template
from gaprelm.data.records import Sentence
from gaprelm.data.tables import ALIGNED, NORMALIZED, read_pairs, write_table
from gaprelm.edits.label_rules import LabelRules
from tests import warm
from tests.conftest import ROOT, SENTENCES
from tests.noise.test_corruption import NOISE, corruptor

DEFAULTS = {
    "stage": "joint_finetune",
    "train_data": [],
    "repeats": {},
    "counts_of_folds": [],
    "dev_weights": {"dev": 1.0},
    "max_seq_length": None,
    "operating_point": "f0.5",
    "resume_from": None,
    "scoring_resources": None,
    "experiment_name": "test",
    "num_gpus": 0,
    "batch_size": 8,
    "gradient_accumulation_steps": 1,
    "num_epochs": 2,
    "learning_rate": 1e-3,
    "weight_decay": 0.01,
    "warmup_ratio": 0.1,
    "lr_schedule": "linear",
    "ema_decay": None,
    "max_grad_norm": 1.0,
    "on_bad_loss": "stop",
    "fp16": False,
    "bf16": False,
    "num_workers": 0,
    "seed": 3,
    "save_steps": 2,
    "eval_steps": 4,
    "logging_steps": 1,
    "enable_aux_mlm": True,
    "enable_f2": False,
    "lambda_infill": 1.0,
    "mu_aux": 1.0,
    "nu_tag": 1.0,
    "aux_mlm_prob": 0.3,
    "freeze_infiller": False,
    "noise": {
        **NOISE,
        "clean_share": 0.15,
        "characters_per_error": 12,
    },
}


@pytest.fixture
def stage(tmp_path, make_model):
    """A function that writes stage.yaml for a run in a folder of its own, and gives its path."""
    model, vocabulary = make_model(template="masks", enable_tagging=True)
    initial = tmp_path / "initial"
    model.save_pretrained(initial)
    vocabulary.save(initial)
    clean = [Sentence(str(i), "x", s, [s]) for i, s in enumerate(SENTENCES * 4)]
    write_table(tmp_path / "train.parquet", (row._asdict() for row in clean), NORMALIZED)
    dev = [row._replace(source=corruptor().corrupt(row.source, f"dev/{row.id}").source) for row in clean[:13]]
    # Longer than the model takes: scored in pieces.
    dev.append(Sentence("long", "x", "".join(SENTENCES), ["".join(SENTENCES)]))
    write_table(tmp_path / "dev.parquet", aligned_rows(dev), ALIGNED)
    write_template(tmp_path / "pairs.parquet", read_pairs(tmp_path / "dev.parquet"), LabelRules(3, 32), Counter())

    def write(name: str, **changes) -> Path:
        folder = tmp_path / name
        values = DEFAULTS | {
            "clean_data": str(tmp_path / "train.parquet"),
            "dev_data": {"dev": str(tmp_path / "dev.parquet")},
            "initial_model": str(initial),
            "output_dir": str(folder / "best"),
            "work_dir": str(folder / "work"),
            "tensorboard_dir": str(folder / "tensorboard"),
            "log_file": str(folder / "training.log"),
            "history_file": str(folder / "history.json"),
        }
        folder.mkdir(exist_ok=True)
        (folder / "stage.yaml").write_text(yaml.safe_dump(values | changes, allow_unicode=True), encoding="utf-8")
        return folder / "stage.yaml"

    return write


def command(path: Path, processes: int = 1, python: str = sys.executable) -> list[str]:
    """The command that trains a stage."""
    if processes == 1:
        return [python, "-m", "gaprelm.training", str(path)]
    launcher = [python, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    return [*launcher, "-m", "gaprelm.training", str(path)]


def train(path: Path, processes: int = 1, cold: bool = False) -> subprocess.CompletedProcess:
    """Train a stage in a process of its own.

    Args:
        cold: a Python that starts for this alone, with hashes of strings of its own.
    """
    environment = os.environ | ({} if cold else warm.environment()) | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command(path, processes, sys.executable if cold else warm.python()),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
        timeout=300,
    )
