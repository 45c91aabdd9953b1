"""What cannot be trained ends with one message that names the cure, and nothing is lost."""

import os
import shutil
import socket
import subprocess

import pytest
import torch
import yaml

from gaprelm.data.tables import ALIGNED, write_table
from gaprelm.errors import ConfigurationError, GapReLMError
from gaprelm.model.initial import check_vocabulary
from gaprelm.model.vocabulary import CharacterVocabulary
from gaprelm.training.checkpoints import COMPLETE, is_complete, mark_complete
from gaprelm.training.settings import StageSettings
from gaprelm.training.trainer import CorrectorTrainer
from tests.conftest import ROOT, SENTENCES
from tests.training.conftest import train
from tests.training.test_resume import kill_when_there, same_weights


def test_a_damaged_checkpoint_is_left_for_the_one_before(stage):
    changes = {"num_epochs": 8, "save_steps": 2}
    whole, damaged = stage("whole", **changes), stage("damaged", **changes)
    assert train(whole).returncode == 0
    kill_when_there(damaged, 1, "work/*/*/checkpoint-6/complete")
    newest = max(damaged.parent.glob("work/*/*/checkpoint-*/complete"), key=lambda p: p.stat().st_mtime).parent
    with (newest / "optimizer.pt").open("r+b") as handle:
        handle.truncate(1000)
    result = train(damaged)
    assert result.returncode == 0, result.stderr
    assert f"{newest} is incomplete: removed" in result.stderr
    assert "going on from" in result.stderr
    same_weights(whole, damaged)


def test_sizes_are_what_makes_a_checkpoint_complete(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"12345")
    assert not is_complete(tmp_path)
    mark_complete(tmp_path)
    assert is_complete(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"1234")
    assert not is_complete(tmp_path)


@pytest.mark.parametrize("damage", ["", "{", "[]", "null"])
def test_a_checkpoint_whose_marker_is_damaged_is_incomplete(tmp_path, damage):
    """As a power failure leaves it: the run goes on from the one before, instead of ending with an error."""
    mark_complete(tmp_path)
    (tmp_path / COMPLETE).write_text(damage)
    assert not is_complete(tmp_path)


def test_damaged_weights_are_named(stage, tmp_path):
    path = stage("x")
    with (tmp_path / "initial" / "model.safetensors").open("r+b") as handle:
        handle.truncate(100)
    result = train(path)
    assert result.returncode == 2
    assert "initial/model.safetensors is damaged" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"3", "found int 3; expected the keys stage, "),
        (b"[stage, seed]", "found list .*; expected the keys stage, "),
        (b"stage: []", "key train_data is missing"),
        (b"stage: \x1b", "not YAML"),
        ("stage: x".encode("utf-16"), "UTF-16"),
        (b"\xff", "which is not valid UTF-8"),
    ],
)
def test_a_file_that_is_no_stage_is_named(tmp_path, content, message):
    (tmp_path / "stage.yaml").write_bytes(content)
    with pytest.raises(GapReLMError, match=rf"stage\.yaml.*{message}"):
        StageSettings.from_file(tmp_path / "stage.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stage": ["x"]}, "stage list .*; expected one of"),
        ({3: 4, "more": 5}, "unknown key 3; expected the keys stage"),
    ],
)
def test_odd_keys_and_stages_are_named(stage, changes, message):
    path = stage("odd")
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes, sort_keys=False))
    with pytest.raises(ConfigurationError, match=message):
        StageSettings.from_file(path)


def test_a_checkpoint_runs_no_code_of_its_own(stage, tmp_path):
    """What ``resume_from`` names may come from a stranger; torch writes these files with pickle."""
    first = stage("first", ema_decay=0.9)
    assert train(first).returncode == 0
    whole = next(first.parent.glob("work/*/*/checkpoint-*"))

    class Planted:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    for file in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "average.pt"):
        checkpoint = shutil.copytree(whole, tmp_path / file)
        assert (checkpoint / file).exists()
        torch.save({"state": Planted()}, checkpoint / file)
        result = train(stage(f"from {file}", ema_decay=0.9, num_epochs=3, resume_from=str(checkpoint)))
        assert not (tmp_path / "ran").exists()
        assert result.returncode == 2, result.stderr
        assert f"{checkpoint} cannot be resumed" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_dev_set_without_references(stage, tmp_path):
    write_table(tmp_path / "dev.parquet", [], ALIGNED)
    result = train(stage("x"))
    assert result.returncode == 2
    assert "dev.parquet: no sentence with a reference" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_vocabulary_of_another_language():
    latin = CharacterVocabulary.from_texts(["abc"])
    with pytest.raises(ConfigurationError, match=r"(?s)no token for 100\.00% .*cure: choose an encoder"):
        check_vocabulary(latin, SENTENCES, "bert-base-uncased")
    check_vocabulary(CharacterVocabulary.from_texts(SENTENCES), [*SENTENCES, "鑫"], "own")


@pytest.mark.parametrize(
    ("size", "cure"), [(32, "set batch_size=16 and gradient_accumulation_steps=4"), (1, "lower max_seq_length")]
)
def test_out_of_memory_says_what_to_lower(monkeypatch, size, cure):
    def fails(self, *arguments):
        raise torch.OutOfMemoryError("CUDA out of memory")

    trainer = object.__new__(CorrectorTrainer)
    trainer.args = type("Arguments", (), {})()
    trainer.args.device = torch.device("cpu")
    trainer.args.per_device_train_batch_size, trainer.args.gradient_accumulation_steps = size, 2
    trainer.state = type("State", (), {"global_step": 7})()
    trainer._tokens_a_pass = None
    trainer._task = type("Task", (), {"passes": lambda self, batch, most: [batch]})()
    monkeypatch.setattr("transformers.Trainer.training_step", fails)
    batch = {"source_ids": torch.zeros(size, 40)}
    with pytest.raises(GapReLMError, match=f"out of memory in step 8, with a batch of {size} examples of up to 40"):
        trainer.training_step(None, batch)
    with pytest.raises(GapReLMError, match=cure):
        trainer.training_step(None, batch)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        environment = os.environ | {
            **{"GAPRELM_RENDEZVOUS": "127.0.0.1", "GAPRELM_RENDEZVOUS_PORT": port},
            **{"SLURM_JOB_ID": "7", "SLURM_NODEID": "0", "SLURM_STEP_NUM_NODES": "2"},
        }
        script = ROOT / "workflow_scripts" / "torchrun_node.sh"
        result = subprocess.run(
            ["bash", str(script), "1", "-m", "x"], env=environment, capture_output=True, text=True, check=False
        )
    assert result.returncode == 2
    assert f"port {port} of 127.0.0.1, where the nodes of job 7 meet, is taken" in result.stderr
