"""kill -9 in any stage, also of Snakemake itself: an orphaned trainer is seen, and stages go on to the same weights."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.workflow.conftest import Project

pytestmark = pytest.mark.workflow
SETTINGS = """
sample: {limit: 100}
num_epochs: 8
stages: {infiller_pretrain: {num_epochs: 8}, planner_train: {num_epochs: 8}, joint_finetune: {num_epochs: 8}}
num_processes: 1
save_steps: 5
eval_steps: 20
"""


def arguments(target, name="x"):
    files = ["--configfile", "configs/smoke.yaml", "mine.yaml"]
    return [target, "--cores", "2", *files, "--config", f"experiment_name={name}"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A project whose experiment ran without an interruption; what it left is put aside."""
    project = Project(tmp_path_factory.mktemp("killed") / "project")
    (project.folder / "mine.yaml").write_text(SETTINGS, encoding="utf-8")
    run = project.snakemake(*arguments("train_joint"))
    assert run.returncode == 0, run.stderr[-3000:]
    put_aside(project, "whole")
    return project


def put_aside(project, name):
    """Move the results and work directories of the experiment; its data and initial model stay."""
    aside = project.folder / name
    aside.mkdir()
    out = project.folder / "outputs" / "x"
    for path in [*out.glob("best_stage_*"), out / "work", out / "history", out / "training.log"]:
        path.rename(aside / path.name)


def same_weights(project, stage):
    one, other = (folder / f"best_stage_{stage}" for folder in (project.folder / "whole", project.folder / "outputs/x"))
    return (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()


def start(project, command):
    """Snakemake in the background, in a process group of its own, with nothing warm: its processes are its own."""
    with (project.folder / "killed.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *command],
            **{"cwd": project.folder, "env": project.environment(False), "stdout": log, "stderr": log},
            start_new_session=True,
        )


def wait_for(project, process, work, pattern):
    limit = time.monotonic() + 400
    while not list(work.glob(pattern)):
        assert process.poll() is None, (project.folder / "killed.log").read_text()
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_kill_9_of_the_whole_group_in_each_stage(whole):
    project, command = whole, arguments("train_joint")
    for stage in ("infiller_pretrain", "planner_train", "joint_finetune"):
        process = start(project, command)
        wait_for(project, process, project.folder / "outputs" / "x" / "work" / stage, "*/checkpoint-*/complete")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert project.snakemake(*command, "--unlock").returncode == 0
    again = project.snakemake(*command)
    assert again.returncode == 0, again.stderr[-3000:]
    log = (project.folder / "outputs" / "x" / "training.log").read_text(encoding="utf-8")
    assert log.count("going on from") == 3
    for stage in "abc":
        assert same_weights(project, stage), stage
    # Another experiment goes on from a checkpoint below work/: it is a whole model.
    checkpoint = min((project.folder / "whole" / "work" / "joint_finetune").glob("*/checkpoint-*"))
    resumed = project.snakemake(*arguments("train_joint", "resumed"), f"resume_from={checkpoint}")
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert "going on from" in (project.folder / "outputs" / "resumed" / "training.log").read_text(encoding="utf-8")
    put_aside(project, "killed")


def test_kill_9_of_snakemake_and_a_second_run_beside_the_orphan(whole):
    project, command = whole, arguments("train_infiller")
    work = project.folder / "outputs" / "x" / "work" / "infiller_pretrain"
    process = start(project, command)
    wait_for(project, process, work, "*/checkpoint-*/complete")
    (lock,) = work.glob("*/lock")
    orphan = int(lock.read_text())
    os.kill(orphan, signal.SIGSTOP)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    try:
        locked = project.snakemake(*command)
        assert locked.returncode != 0
        assert "--unlock" in locked.stdout + locked.stderr
        assert project.snakemake(*command, "--unlock").returncode == 0
        beside = project.snakemake(*command)
        assert beside.returncode != 0
        assert f"is being written by process {orphan}" in beside.stdout + beside.stderr
    finally:
        os.kill(orphan, signal.SIGKILL)
    again = project.snakemake(*command)
    assert again.returncode == 0, again.stderr[-3000:]
    assert "going on from" in again.stdout + again.stderr
    assert same_weights(project, "a")
    # Other settings leave a work directory behind; the newest is kept.
    fewer = SETTINGS.replace("infiller_pretrain: {num_epochs: 8}", "infiller_pretrain: {num_epochs: 1}")
    (project.folder / "mine.yaml").write_text(fewer, encoding="utf-8")
    assert project.snakemake(*command).returncode == 0
    assert len(list(work.iterdir())) == 2
    cleaned = project.snakemake("clean_work", *command[1:])
    assert cleaned.returncode == 0, cleaned.stderr
    assert "deleted" in cleaned.stdout + cleaned.stderr
    assert len(list(work.iterdir())) == 1
