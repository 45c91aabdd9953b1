"""kill -9 of Snakemake itself: its orphaned trainer is seen, and the stage goes on to the same weights."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow
STAGE = "stages:\n  infiller_pretrain: {num_epochs: 30}\nsample: {limit: 200}\nnum_processes: 1\nsave_steps: 10\n"


def arguments(name):
    files = ["--configfile", "configs/smoke.yaml", "mine.yaml"]
    return ["train_infiller", "--cores", "2", *files, "--config", f"experiment_name={name}"]


def test_kill_9_of_snakemake_and_a_second_run_beside_the_orphan(project):
    (project.folder / "mine.yaml").write_text(STAGE, encoding="utf-8")
    whole = project.snakemake(*arguments("whole"))
    assert whole.returncode == 0, whole.stderr[-3000:]
    work = project.folder / "outputs" / "killed" / "work" / "infiller_pretrain"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project.folder),
    }
    with (project.folder / "killed.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *arguments("killed")],
            cwd=project.folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    limit = time.monotonic() + 120
    while not list(work.glob("*/checkpoint-*/complete")):
        assert process.poll() is None, (project.folder / "killed.log").read_text()
        assert time.monotonic() < limit
        time.sleep(0.01)
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
