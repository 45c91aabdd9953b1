"""The workflow in a copy of the project, so that tests may edit modules; run once for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import warm
from tests.conftest import ROOT

_PARTS = ("Snakefile", "config.yaml", "configs", "rules", "workflow_scripts", "profiles", "gaprelm", "envs")


class Project:
    """A copy of the project in a folder of its own, whose Snakemake and steps run in forks of a warm Python.

    Args:
        warm: False: each in a Python of its own, as in real runs.
    """

    def __init__(self, folder: Path, warm: bool = True) -> None:
        self.folder = folder
        self._warm = warm
        folder.mkdir(parents=True)
        for name in _PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "small"))
            else:
                shutil.copy(source, folder / name)

    def snakemake(self, *arguments: str, timeout: float = 800) -> subprocess.CompletedProcess:
        """Run snakemake there, with the copy's modules and scripts."""
        python = warm.python() if self._warm else sys.executable
        return subprocess.run(
            [python, "-m", "snakemake", *map(str, arguments)],
            cwd=self.folder,
            env=self.environment(self._warm),
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

    def heated(self) -> Project:
        """The same, for runs from now on."""
        self._warm = True
        return self

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
    """A copy in which the smoke workflow has run, two processes a stage, and its report is built.

    Nothing is warm here, so that each step is seen to import what it needs.
    """
    project = Project(tmp_path_factory.mktemp("workflow") / "project", warm=False)
    run = project.snakemake("--cores", "2", "--configfile", "configs/smoke.yaml")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    report = project.snakemake("--configfile", "configs/smoke.yaml", "--report", "report.html")
    assert report.returncode == 0, report.stderr[-3000:]
    return project.heated()
