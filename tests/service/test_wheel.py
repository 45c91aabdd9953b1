"""What is installed holds the page."""

import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT


def test_the_wheel_holds_the_page(tmp_path):
    pytest.importorskip("setuptools", reason="no setuptools here to build with")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "gaprelm", tmp_path / "gaprelm", ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools import build_meta; print(build_meta.build_wheel('dist'))"
    subprocess.run([sys.executable, "-c", build], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    installed = set(zipfile.ZipFile(wheel).namelist())
    page = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gaprelm/service/page").iterdir()}
    assert {name.rsplit("/", 1)[1] for name in page} >= {"index.html", "style.css", "app.js", "texts.js", "docs.html"}
    assert page <= installed
