"""Killed and started again is the same as never killed; two processes are the same as one with twice the batch."""

import json
import os
import signal
import subprocess
import time

import pytest
from safetensors.torch import load_file

from gaprelm.training.work import is_locked
from tests.conftest import ROOT
from tests.training.conftest import command, train


def started(path, processes=1):
    """Training in the background, in a process group of its own."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with (path.parent / "killed.log").open("w") as log:
        return subprocess.Popen(
            command(path, processes), cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def wait_for(process, path, condition):
    """Wait until something is there, as long as the process runs."""
    limit = time.monotonic() + 400
    while not ((path.parent / "training.log").exists() and condition()):
        assert process.poll() is None, (path.parent / "killed.log").read_text()
        assert time.monotonic() < limit
        time.sleep(0.01)


def workers(process):
    """The processes that torchrun started."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
    return list(map(int, found.split()))


def same_weights(path, other):
    one, two = (load_file(p.parent / "best" / "model.safetensors") for p in (path, other))
    assert all((one[name] == two[name]).all() for name in one)


def kill_when_there(path, processes, pattern):
    """Start training, and kill -9 all its processes once a file of ``pattern`` is there."""
    process = started(path, processes)
    wait_for(process, path, lambda: list(path.parent.glob(pattern)))
    # Those that torchrun started have groups of their own, and would train to the end.
    groups = [process.pid, *(workers(process) if processes > 1 else ())]
    for group in groups:
        os.killpg(group, signal.SIGKILL)
    process.wait()
    limit = time.monotonic() + 60
    while any(map(is_locked, path.parent.glob("work/*/*"))):
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_killed_stage_goes_on_to_the_same_weights(stage, processes, tmp_path):
    # Without dropout a random state that is not restored would go unseen.
    config = tmp_path / "initial" / "config.json"
    config.write_text(config.read_text().replace('"hidden_dropout_prob": 0.0', '"hidden_dropout_prob": 0.2'))
    assert '"hidden_dropout_prob": 0.2' in config.read_text()
    changes = {"num_epochs": 8, "eval_steps": 6, "batch_size": 8 // processes}
    whole, killed = stage("whole", **changes), stage("killed", **changes)
    assert train(whole, processes).returncode == 0
    kill_when_there(killed, processes, "work/*/*/checkpoint-8/complete")
    assert not (killed.parent / "best" / "model.safetensors").exists()
    again = train(killed, processes)
    assert again.returncode == 0, again.stderr
    assert "going on from" in again.stderr
    same_weights(whole, killed)
    histories = [json.loads((path.parent / "history.json").read_text()) for path in (whole, killed)]
    # the last entry holds run times
    assert histories[0][:-1] == histories[1][:-1]


def test_a_changed_key_starts_anew_and_says_so(stage):
    assert train(stage("x")).returncode == 0
    result = train(stage("x", learning_rate=5e-4))
    assert result.returncode == 0
    assert "starting anew" in result.stderr
    assert "not used, for they belong to other settings, data or code" in result.stderr


def test_two_processes_equal_one_with_twice_the_batch(stage):
    one, two = stage("one", batch_size=8), stage("two", batch_size=4)
    for path, processes in ((one, 1), (two, 2)):
        result = train(path, processes)
        assert result.returncode == 0, result.stderr
    histories = [json.loads((path.parent / "history.json").read_text()) for path in (one, two)]
    for entry, other in zip(*histories, strict=True):
        for key in entry:
            if key.startswith(("loss", "eval")):
                assert other[key] == pytest.approx(entry[key], rel=2e-3, abs=2e-4), (key, entry["step"])


def test_the_same_seed_gives_the_same_weights_another_seed_others(stage):
    paths = [stage("one"), stage("again"), stage("other", seed=4)]
    assert all(train(path, cold=path is paths[1]).returncode == 0 for path in paths)
    same_weights(paths[0], paths[1])
    with pytest.raises(AssertionError):
        same_weights(paths[0], paths[2])
