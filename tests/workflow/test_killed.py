"""kill -9 in any stage, also of Snakemake itself: an orphaned trainer is seen, and stages go on to the same weights."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow
STAGE = "stages:\n  infiller_pretrain: {num_epochs: 30}\nsample: {limit: 200}\nnum_processes: 1\nsave_steps: 10\n"


SHORT = """
sample: {limit: 100}
num_epochs: 8
stages: {infiller_pretrain: {num_epochs: 8}, planner_train: {num_epochs: 8}, joint_finetune: {num_epochs: 8}}
num_processes: 1
save_steps: 5
eval_steps: 20
"""


def arguments(name, target="train_infiller"):
    files = ["--configfile", "configs/smoke.yaml", "mine.yaml"]
    return [target, "--cores", "2", *files, "--config", f"experiment_name={name}"]


def start(project, command):
    """Snakemake in the background, in a process group of its own."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project.folder),
    }
    with (project.folder / "killed.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *command],
            **{"cwd": project.folder, "env": environment, "stdout": log, "stderr": log, "start_new_session": True},
        )


def wait_for(project, process, work, pattern):
    limit = time.monotonic() + 120
    while not list(work.glob(pattern)):
        assert process.poll() is None, (project.folder / "killed.log").read_text()
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_kill_9_of_the_whole_group_in_each_stage(project):
    (project.folder / "mine.yaml").write_text(SHORT, encoding="utf-8")
    whole = project.snakemake(*arguments("whole", "train_joint"))
    assert whole.returncode == 0, whole.stderr[-3000:]
    command = arguments("killed", "train_joint")
    for stage in ("infiller_pretrain", "planner_train", "joint_finetune"):
        process = start(project, command)
        wait_for(project, process, project.folder / "outputs" / "killed" / "work" / stage, "*/checkpoint-*/complete")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert project.snakemake(*command, "--unlock").returncode == 0
    again = project.snakemake(*command)
    assert again.returncode == 0, again.stderr[-3000:]
    log = (project.folder / "outputs" / "killed" / "training.log").read_text(encoding="utf-8")
    assert log.count("going on from") == 3
    # Another experiment goes on from a checkpoint below work/: it is a whole model.
    work = project.folder / "outputs" / "whole" / "work" / "joint_finetune"
    checkpoint = min(work.glob("*/checkpoint-*"))
    resumed = project.snakemake(*arguments("resumed", "train_joint"), f"resume_from={checkpoint}")
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert "going on from" in (project.folder / "outputs" / "resumed" / "training.log").read_text(encoding="utf-8")
    for stage in ("a", "b", "c"):
        one, other = (project.folder / "outputs" / name / f"best_stage_{stage}" for name in ("whole", "killed"))
        assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes(), stage


def test_kill_9_of_snakemake_and_a_second_run_beside_the_orphan(project):
    (project.folder / "mine.yaml").write_text(STAGE, encoding="utf-8")
    whole = project.snakemake(*arguments("whole"))
    assert whole.returncode == 0, whole.stderr[-3000:]
    work = project.folder / "outputs" / "killed" / "work" / "infiller_pretrain"
    process = start(project, arguments("killed"))
    wait_for(project, process, work, "*/checkpoint-*/complete")
    (lock,) = work.glob("*/lock")
    orphan = int(lock.read_text())
    os.kill(orphan, signal.SIGSTOP)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        locked = project.snakemake(*arguments("killed"))
        assert locked.returncode != 0
        assert "--unlock" in locked.stdout + locked.stderr
        assert project.snakemake(*arguments("killed"), "--unlock").returncode == 0
        beside = project.snakemake(*arguments("killed"))
        assert beside.returncode != 0
        assert f"is being written by process {orphan}" in beside.stdout + beside.stderr
    finally:
        os.kill(orphan, signal.SIGKILL)
    again = project.snakemake(*arguments("killed"))
    assert again.returncode == 0, again.stderr[-3000:]
    assert "going on from" in again.stdout + again.stderr
    one, other = (project.folder / "outputs" / name / "best_stage_a" for name in ("whole", "killed"))
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    # Other settings leave a work directory behind; the newest is kept.
    (project.folder / "mine.yaml").write_text(STAGE.replace("30", "1"), encoding="utf-8")
    assert project.snakemake(*arguments("killed")).returncode == 0
    assert len(list(work.iterdir())) == 2
    cleaned = project.snakemake("clean_work", *arguments("killed")[1:])
    assert cleaned.returncode == 0, cleaned.stderr
    assert "deleted" in cleaned.stdout + cleaned.stderr
    assert len(list(work.iterdir())) == 1
