"""What ends a run early, and what is left of it: the same command goes on, to the same weights."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time

import pytest
import torch
from safetensors.torch import load_file, save_file

from gaprelm.training import work
from tests.conftest import ROOT
from tests.training.conftest import command, train
from tests.training.test_resume import same_weights, started, wait_for, workers


@pytest.fixture
def dropout(stage, tmp_path):
    """Dropout, so that a random state that is not restored is seen."""
    config = tmp_path / "initial" / "config.json"
    config.write_text(config.read_text().replace('"hidden_dropout_prob": 0.0', '"hidden_dropout_prob": 0.2'))


def settings(processes):
    return {"num_epochs": 10, "eval_steps": 100, "save_steps": 5, "batch_size": 8 // processes}


@pytest.mark.parametrize("processes", [1, 2])
def test_sigterm_saves_a_checkpoint_and_the_run_goes_on(stage, dropout, processes):
    # Through torchrun the loader's processes get the signal too.
    changes = settings(processes) | {"save_steps": 1000, "num_workers": processes - 1}
    whole, ended = stage("whole", **changes), stage("ended", **changes)
    assert train(whole, processes).returncode == 0
    process = started(ended, processes)
    wait_for(process, ended, lambda: "step 3/" in (ended.parent / "training.log").read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == (143 if processes == 1 else 1)
    log = (ended.parent / "training.log").read_text()
    assert "SIGTERM: a checkpoint is saved at step" in log
    assert "the same command goes on from there" in log
    assert not (ended.parent / "best" / "model.safetensors").exists()
    again = train(ended, processes)
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    same_weights(whole, ended)


def test_sigterm_before_the_first_step_ends_the_run_at_that_step(stage):
    """Reading a large data set takes long, and the workflow's shell leaves the signal to the trainer alone."""
    ended = stage("ended", **settings(1) | {"save_steps": 1000})
    process = started(ended, 1)
    wait_for(process, ended, lambda: list(ended.parent.glob("work/*/*/lock")))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    assert list(ended.parent.glob("work/*/*/checkpoint-*/complete"))
    assert "SIGTERM: a checkpoint is saved at step 1," in (ended.parent / "training.log").read_text()


def test_a_killed_worker_ends_the_run_and_it_goes_on(stage, dropout):
    whole, killed = stage("whole", **settings(2)), stage("killed", **settings(2))
    assert train(whole, 2).returncode == 0
    process = started(killed, 2)
    wait_for(process, killed, lambda: list(killed.parent.glob("work/*/*/checkpoint-5/complete")))
    os.kill(workers(process)[-1], signal.SIGKILL)
    assert process.wait(60) != 0
    again = train(killed, 2)
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    same_weights(whole, killed)


def test_a_checkpoint_that_cannot_be_written_is_one_error_and_the_one_before_stays(stage, dropout, tmp_path):
    changes = settings(1)
    whole, full = stage("whole", **changes), stage("full", **changes)
    assert train(whole).returncode == 0
    sizes = {path.name: path.stat().st_size for path in whole.parent.glob("work/*/*/checkpoint-*/*")}
    limit = (sizes["model.safetensors"] + sizes["optimizer.pt"]) // 2
    assert sizes["model.safetensors"] < limit < sizes["optimizer.pt"]
    result = subprocess.run(
        command(full),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        # A file may not grow larger: the system's answer is that of a full disk, but for its number.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert result.returncode == 2, result.stderr[-3000:]
    assert "checkpoint-5 cannot be written" in result.stderr
    assert "make room on the disk" in result.stderr
    assert "Traceback" not in result.stderr
    again = train(full)
    assert again.returncode == 0, again.stderr
    assert "is incomplete: removed" in again.stderr
    same_weights(whole, full)


def test_a_checkpoint_of_fp16_goes_on_without(stage, dropout):
    whole, half = stage("whole", **settings(1)), stage("half", **settings(1))
    process = started(half, 1)
    wait_for(process, half, lambda: list(half.parent.glob("work/*/*/checkpoint-5/complete")))
    process.kill()
    process.wait()
    checkpoint = next(half.parent.glob("work/*/*/checkpoint-5"))
    torch.save({"scale": 65536.0}, checkpoint / "scaler.pt")
    assert train(whole).returncode == 0
    again = train(half)
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    same_weights(whole, half)


def test_a_file_system_without_locks(tmp_path, monkeypatch, caplog):
    def refuse(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(work.fcntl, "flock", refuse)
    with work.lock(tmp_path):
        assert "no locks on this file system" in caplog.text
        # It may be in use, so that clean_work leaves it alone.
        assert work.is_locked(tmp_path)


def ruined(tmp_path):
    """Make the planner's weights no numbers."""
    path = tmp_path / "initial" / "model.safetensors"
    weights = load_file(path)
    weights["operation_head.weight"][0, 0] = float("nan")
    save_file(weights, path, metadata={"format": "pt"})


def test_a_loss_that_is_no_number_is_named(stage, tmp_path):
    path = stage("x")
    ruined(tmp_path)
    result = train(path)
    assert result.returncode == 2
    assert "the loss is nan in step 1, with the training examples" in result.stderr
    assert "on_bad_loss=skip" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("processes", [1, 2])
def test_bad_steps_can_be_left_out(stage, tmp_path, processes):
    path = stage("x", on_bad_loss="skip", dev_data={}, batch_size=8 // processes)
    ruined(tmp_path)
    result = train(path, processes)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("the step is left out") == 10 * processes
    before, after = (load_file(folder / "model.safetensors") for folder in (tmp_path / "initial", path.parent / "best"))
    assert all((before[name] == after[name]).all() for name in before if not before[name].isnan().any())


def test_two_runs_of_one_stage_do_not_mix(stage):
    path = stage("x", num_epochs=200)
    process = started(path)
    wait_for(process, path, lambda: list(path.parent.glob("work/*/*/lock")))
    time.sleep(1)
    second = train(path)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert second.returncode == 2
    assert f"is being written by process {process.pid}" in second.stderr


LEFT = """
import sys
from torch.utils.data import DataLoader
from gaprelm.training.trainer import _leave_sigterm_to_the_trainer
batches = iter(DataLoader([0] * 100, num_workers=1, worker_init_fn=_leave_sigterm_to_the_trainer))
next(batches)
sys.modules["left"] = batches
"""


def test_a_loader_process_that_is_left_does_not_keep_the_run_from_ending():
    """Python ends processes that are left with SIGTERM, which loader processes ignore."""
    subprocess.run([sys.executable, "-c", LEFT], cwd=ROOT, check=True, timeout=60)
