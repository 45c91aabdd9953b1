"""The studies are commands, as their docstrings say."""

import runpy
import sys

import pytest


@pytest.mark.parametrize("name", ["averaging", "detection", "rare_edits", "scores", "transfer"])
def test_help(name, monkeypatch, capsys):
    module = f"gaprelm.studies.{name}"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module(module, run_name="__main__")
    assert caught.value.code == 0
    assert f"python -m {module} " in capsys.readouterr().out
