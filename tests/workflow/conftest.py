"""The workflow in a copy of the project, so that tests may edit modules; run once for all tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

_PARTS = ("Snakefile", "config.yaml", "configs", "rules", "workflow_scripts", "profiles", "gaprelm", "envs")


class Project:
    """A copy of the project in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in _PARTS:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)

    def snakemake(self, *arguments: str, timeout: float = 800) -> subprocess.CompletedProcess:
        """Run snakemake there, with the copy's modules and scripts."""
        bin_dir = str(Path(sys.executable).parent)
        environment = os.environ | {
            "PATH": f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(
            [sys.executable, "-m", "snakemake", *map(str, arguments)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

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
    project = Project(tmp_path_factory.mktemp("workflow") / "project")
    run = project.snakemake("--cores", "2", "--configfile", "configs/smoke.yaml")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-6000:]
    report = project.snakemake("--configfile", "configs/smoke.yaml", "--report", "report.html")
    assert report.returncode == 0, report.stderr[-3000:]
    return project
