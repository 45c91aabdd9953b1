"""What the tests on a GPU share: a model as the workflow makes it by default, with counts and tagging, but tiny.

``GAPRELM_GPU_TESTS=cpu`` rehearses them on the processor, apart from what only a GPU has.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from gaprelm.counts.folds import counts_and_folds
from gaprelm.data.pairs import aligned_rows
from gaprelm.data.records import Sentence
from gaprelm.data.tables import ALIGNED, NORMALIZED, write_table
from tests.conftest import SENTENCES, saved
from tests.noise.test_corruption import corruptor
from tests.training.conftest import DEFAULTS

REHEARSAL = os.environ.get("GAPRELM_GPU_TESTS") == "cpu"
DEVICE = "cpu" if REHEARSAL else "cuda"
# Reasons to skip.
needs_device = pytest.mark.skipif(not REHEARSAL and not torch.cuda.is_available(), reason="no CUDA device here")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here, which this needs")

_FOLDS = 2


def pairs() -> list[tuple[str, str]]:
    """(source, target) with generated errors."""
    noise = corruptor()
    return [(noise.corrupt(text, f"gpu/{number}").source, text) for number, text in enumerate(SENTENCES * 4)]


@pytest.fixture
def default_model(make_model, tmp_path):
    """A model with tagging and counts that has moved away from its first weights, its vocabulary, and the files of the
    counts of the folds."""
    counts, *folds = counts_and_folds(lambda: SENTENCES * 2, pairs(), _FOLDS)
    switches = {"template": "masks", "enable_tagging": True, "enable_counts": True, "proposal_threshold": 0.03}
    model, vocabulary = make_model(**switches)
    model.counts = counts
    model.start_from_counts()
    torch.manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    files = []
    for number, fold in enumerate(folds):
        files.append(str(tmp_path / f"fold-{number}.npz"))
        fold.save(Path(files[-1]))
    return model, vocabulary, files


@pytest.fixture
def stage(tmp_path, default_model):
    """A function that writes stage.yaml for a run in a folder of its own, and gives its path."""
    model, vocabulary, folds = default_model
    # Without dropout a random state that is not restored would go unseen.
    model.config.encoder["hidden_dropout_prob"] = 0.1
    initial = saved(model, vocabulary, tmp_path / "initial")
    clean = [Sentence(str(i), "x", s, [s]) for i, s in enumerate(SENTENCES * 4)]
    dev = [Sentence(str(i), "x", source, [target]) for i, (source, target) in enumerate(pairs()[:13])]
    write_table(tmp_path / "train.parquet", (row._asdict() for row in clean), NORMALIZED)
    write_table(tmp_path / "dev.parquet", aligned_rows(dev), ALIGNED)

    def write(name: str, **changes) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        places = {"output_dir": "best", "work_dir": "work", "tensorboard_dir": "tensorboard"}
        places |= {"log_file": "training.log", "history_file": "history.json"}
        values = (
            DEFAULTS
            | {"learning_rate": 5e-3, "num_epochs": 8}
            | {key: str(folder / place) for key, place in places.items()}
        )
        values |= {"clean_data": str(tmp_path / "train.parquet"), "dev_data": {"dev": str(tmp_path / "dev.parquet")}}
        values |= {"initial_model": str(initial), "counts_of_folds": folds, "num_epochs": 8, "bf16": True}
        values |= {"num_gpus": 0 if REHEARSAL else 1, "num_workers": 1}
        (folder / "stage.yaml").write_text(yaml.safe_dump(values | changes, allow_unicode=True), encoding="utf-8")
        return folder / "stage.yaml"

    return write


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights in a folder."""
    return load_file(folder / "model.safetensors")


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """The Euclidean distance of all weights together."""
    return sum(((one[name] - other[name]).double() ** 2).sum().item() for name in one) ** 0.5
