"""docs/use/using.md keeps its promises: its code and its commands run, and what it lists is what there is."""

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from gaprelm import Control
from gaprelm.characters import CLASSES
from gaprelm.cli import main as cli
from gaprelm.model.description import describe
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "use" / "using.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(model_dir, tmp_path, monkeypatch):
    """Where the document stands: with a model of that name."""
    place = tmp_path / "checkout"
    (place / "outputs" / "demo").mkdir(parents=True)
    (place / "outputs" / "demo" / "best_stage_c").symlink_to(model_dir)
    monkeypatch.chdir(place)
    return place


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_commands_and_code_run(folder):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT)
    script = "\n".join(block for block in blocks("bash") if "venv" not in block)
    done = subprocess.run(["bash", "-ec", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    corrected = (folder / "corrected.txt").read_text(encoding="utf-8")
    assert corrected.count("\n") == 4
    assert re.search(r"\n\n\w*AI .*,.*!\n$", corrected)  # the random model may delete 好
    for block in blocks("python"):
        exec(compile(block, "using.md", "exec"), {})


def test_every_field_class_and_option_is_there():
    for item in fields(Control):
        assert re.search(rf"`{item.name}[=`]", TEXT), item.name
    for name in CLASSES:
        assert f"`{name}`" in TEXT
    options = set(re.findall(r"--[a-z][a-z-]+", TEXT)) - {"--constraint", "--json"}
    parser = subprocess.run(
        [sys.executable, "-m", "gaprelm", "correct", "--help"], capture_output=True, text=True, check=True
    )
    known = set(re.findall(r"--[a-z][a-z-]+", parser.stdout))
    assert options <= known
    assert known - options == {"--help", "--output"}


def test_the_example_of_a_diff(folder, capfdbinary):
    Path("text.txt").write_text("我再家看书。\n我门明天去公圆玩。\n\nAI 时代,好!\n", encoding="utf-8")
    assert cli.main(["correct", "text.txt", "--format", "diff"]) == 0
    assert capfdbinary.readouterr().out.decode() == blocks("text")[0]


def test_the_keys_of_info(model_dir):
    facts = json.loads(json.dumps(describe(model_dir)))
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", TEXT.split("### gaprelm info")[1], re.MULTILINE))
    assert list(rows) == list(facts)
    for key in ("encoder", "weights", "versions"):
        assert list(facts[key]) == rows[key].split(", ")
