"""What the tests on a GPU share: a model as the workflow makes it by default, with counts and tagging, but tiny.

``GAPRELM_GPU_TESTS=cpu`` rehearses them on the processor, apart from what only a GPU has.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file

from gaprelm.counts.folds import counts_and_folds
from gaprelm.counts.model import CountModel
from gaprelm.data.pairs import aligned_rows
from gaprelm.data.records import Sentence
from gaprelm.data.tables import ALIGNED, NORMALIZED, write_table
from gaprelm.model.initial import initial_model
from gaprelm.model.modeling import GapReLMModel
from gaprelm.model.vocabulary import CharacterVocabulary
from tests.conftest import SENTENCES, saved
from tests.noise.test_corruption import corruptor
from tests.training.conftest import DEFAULTS, train

REHEARSAL = os.environ.get("GAPRELM_GPU_TESTS") == "cpu"
DEVICE = "cpu" if REHEARSAL else "cuda"
# Reasons to skip.
needs_device = pytest.mark.skipif(not REHEARSAL and not torch.cuda.is_available(), reason="no CUDA device here")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here, which this needs")

_FOLDS = 2
_SWITCHES = {
    "max_insert_num": 3,
    "max_seq_length": 32,
    "encoder_passes": 1,
    "template": "masks",
    "enable_insert": True,
    "enable_delete": True,
    "enable_gap": True,
    "enable_tagging": True,
    "enable_counts": True,
    "proposal_threshold": 0.03,
}


def pairs() -> list[tuple[str, str]]:
    """(source, target) with generated errors."""
    noise = corruptor()
    return [(noise.corrupt(text, f"gpu/{number}").source, text) for number, text in enumerate(SENTENCES * 4)]


def default_model() -> tuple[GapReLMModel, CharacterVocabulary, list[CountModel]]:
    """A model with tagging and counts that has moved away from its first weights, its vocabulary, and the counts of the
    folds."""
    counts, *folds = counts_and_folds(lambda: SENTENCES * 2, pairs(), _FOLDS)
    shape = {"layers": 2, "hidden_size": 32, "heads": 2}
    # Without dropout a random state that is not restored would go unseen.
    model, vocabulary = initial_model("tiny", _SWITCHES, shape, 0.1, 1, SENTENCES, counts)
    torch.manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return model.eval(), vocabulary, folds


def stage_writer(folder: Path) -> Callable[..., Path]:
    """A function that writes stage.yaml for a run in a folder of its own below ``folder``, and gives its path."""
    model, vocabulary, folds = default_model()
    initial = saved(model, vocabulary, folder / "initial")
    files = [folder / f"fold-{number}.npz" for number in range(len(folds))]
    for counts, file in zip(folds, files, strict=True):
        counts.save(file)
    clean = [Sentence(str(i), "x", s, [s]) for i, s in enumerate(SENTENCES * 4)]
    dev = [Sentence(str(i), "x", source, [target]) for i, (source, target) in enumerate(pairs()[:13])]
    write_table(folder / "train.parquet", (row._asdict() for row in clean), NORMALIZED)
    write_table(folder / "dev.parquet", aligned_rows(dev), ALIGNED)
    common = {"clean_data": str(folder / "train.parquet"), "dev_data": {"dev": str(folder / "dev.parquet")}}
    common |= {"initial_model": str(initial), "counts_of_folds": list(map(str, files)), "num_epochs": 8}
    common |= {"learning_rate": 5e-3, "eval_steps": 20, "bf16": True, "num_gpus": int(not REHEARSAL), "num_workers": 1}

    def write(name: str, **changes: object) -> Path:
        own = folder / name
        own.mkdir()
        places = {"output_dir": "best", "work_dir": "work", "tensorboard_dir": "tensorboard"}
        places |= {"log_file": "training.log", "history_file": "history.json"}
        values = DEFAULTS | {key: str(own / place) for key, place in places.items()} | common | changes
        (own / "stage.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        return own / "stage.yaml"

    return write


@pytest.fixture
def stage(tmp_path) -> Callable[..., Path]:
    """``stage_writer`` for the folder of a test."""
    return stage_writer(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The stage.yaml of a run in bf16 that was never killed."""
    path = stage_writer(tmp_path_factory.mktemp("whole"))("bf16")
    result = train(path)
    assert result.returncode == 0, result.stderr[-3000:]
    return path


def weights(folder: Path) -> dict[str, torch.Tensor]:
    """The weights in a folder."""
    return load_file(folder / "model.safetensors")


def distance(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    """The Euclidean distance of all weights together."""
    return sum(((one[name] - other[name]).double() ** 2).sum().item() for name in one) ** 0.5
