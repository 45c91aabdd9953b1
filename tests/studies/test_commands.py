"""The studies are commands, as their docstrings say."""

import runpy
import sys

import pytest


@pytest.mark.parametrize("name", ["detection", "pretrained_encoder", "transfer"])
def test_help(name, monkeypatch, capsys):
    module = f"gaprelm.studies.{name}"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module(module, run_name="__main__")
    assert caught.value.code == 0
    assert f"python -m {module} " in capsys.readouterr().out


def test_bad_input_is_one_message(monkeypatch, capsys, tmp_path):
    module = "gaprelm.studies.pretrained_encoder"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "no.txt"), "-o", str(tmp_path / "encoder")])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module(module, run_name="__main__")
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("error: ")
