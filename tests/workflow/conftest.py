"""The workflow in a copy of the project, so that tests may edit modules; run once for all tests."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.conftest import ROOT

_PARTS = ("Snakefile", "config.yaml", "configs", "rules", "workflow_scripts", "profiles", "gaprelm", "envs")
_SHIPPED = Path("gaprelm", "model", "small")


class Project:
    """A copy of the project in a folder of its own, whose Snakemake and steps run in forks of a warm Python.

    ``warm = False`` gives each a Python of its own, as in real runs.

    Args:
        origin: a copy whose every file is copied; by default the checkout, without what is not the project.
    """

    warm = True

    def __init__(self, folder: Path, origin: Path | None = None) -> None:
        self.folder = folder
        if origin:
            shutil.copytree(origin, folder, symlinks=True)
            return
        folder.mkdir(parents=True)
        for name in _PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", _SHIPPED.name))
            else:
                shutil.copy(source, folder / name)
        # 16 MB that no test changes.
        (folder / _SHIPPED).symlink_to(ROOT / _SHIPPED)

    def snakemake(self, *arguments: str, timeout: float = 800) -> subprocess.CompletedProcess:
        """Run snakemake there, with the copy's modules and scripts."""
        python = warm.python() if self.warm else sys.executable
        return subprocess.run(
            [python, "-m", "snakemake", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(self.warm),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def environment(self, warm_steps: bool) -> dict[str, str]:
        """The variables of a command in that folder."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # The modules are compiled once. Those that tests edit are of another time.
        own = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": ""}
        return os.environ | {"PATH": path} | (warm.environment(path) if warm_steps else {}) | own

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file, once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def project(tmp_path) -> Project:
    """A fresh copy in which nothing has run."""
    return Project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Project:
    """A copy in which the smoke workflow has run, two processes a stage, and its report is built."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _run(Project(tmp_path_factory.mktemp("workflow") / "project"))
    # One worker runs it for all.
    shared = tmp_path_factory.getbasetemp().parent / "workflow"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.exists():
            _run(Project(tmp_path_factory.mktemp("workflow") / "project")).folder.rename(shared)
        return Project(tmp_path_factory.mktemp("workflow") / "project", origin=shared)


def _run(project: Project) -> Project:
    """Nothing is warm here, so that each step is seen to import what it needs."""
    project.warm = False
    run = project.snakemake("--cores", "2", "--configfile", "configs/smoke.yaml")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    report = project.snakemake("--configfile", "configs/smoke.yaml", "--report", "report.html")
    assert report.returncode == 0, report.stderr[-3000:]
    project.warm = True
    return project
