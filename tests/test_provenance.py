"""Hashes follow imports, and see code but not comments."""

import shutil

import pytest

from gaprelm import provenance
from tests.conftest import ROOT


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package that may be edited."""
    shutil.copytree(ROOT / "gaprelm", tmp_path / "gaprelm", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "_PACKAGE", tmp_path / "gaprelm")
    monkeypatch.setattr(provenance, "_ROOT", tmp_path)

    def edit(module, old, new):
        path = tmp_path / "gaprelm" / module
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("module", "old", "new", "changes"),
    [
        ("model/modeling.py", "_TINY_INITIAL_GAIN = 0.68", "_TINY_INITIAL_GAIN = 0.7", True),
        ("edits/alignment.py", "_ANCHOR = 3", "_ANCHOR = 4", True),  # imported by what train imports
        ("model/modeling.py", "from __future__", "# a comment\nfrom __future__", False),
        ("model/modeling.py", '"""The model:', '"""Our model:', False),  # docstring
        ("correction/corrector.py", "window: int = 1024", "window: int = 512", False),  # nothing that trains imports it
        ("pipeline/report/html.py", "#ddd", "#eee", False),
    ],
)
def test_what_training_depends_on(package, module, old, new, changes):
    before = provenance.source_hash("gaprelm.training.stage")
    package(module, old, new)
    assert (provenance.source_hash("gaprelm.training.stage") != before) is changes


def test_the_place_of_the_checkout_does_not_count(package):
    moved = provenance.source_hash("gaprelm.training.stage")
    provenance._PACKAGE, provenance._ROOT = ROOT / "gaprelm", ROOT
    assert provenance.source_hash("gaprelm.training.stage") == moved


def test_scripts_bring_their_modules():
    normalize, align = (
        provenance.source_hash(ROOT / "workflow_scripts" / name) for name in ("normalize.py", "align.py")
    )
    assert normalize != align
