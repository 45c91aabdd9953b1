"""Ablations on mixed data: one command, one table; a run that was killed goes on, and only what changed runs again."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml

from tests.conftest import SENTENCES

pytestmark = pytest.mark.workflow

PAIRS = [
    ("我再家看书。", "我在家看书。"),
    ("天气很泠。", "天气很冷。"),
    ("他去学学校。", "他去学校。"),
    ("今天雨。", "今天下雨。"),
]
COMMAND = ("--cores", "2", "ablations", "--configfile", "configs/smoke.yaml", "mine.yaml")


def prepare(project):
    folder = project.folder
    (folder / "pairs.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS), encoding="utf-8")
    (folder / "clean.txt").write_text("".join(f"{s}\n" for s in SENTENCES * 2), encoding="utf-8")
    settings = {
        "experiment_name": "abl",
        "num_processes": 1,
        # The test set is made of training pairs.
        "decontaminate": "none",
        "drop_duplicates": False,
        "datasets": [
            {"path": "pairs.tsv", "format": "parallel", "repeat": 3},
            {"path": "clean.txt", "format": "clean", "part": "1/2"},
        ],
        "dev_file": {"path": "clean.txt", "format": "clean", "part": "2/2"},
        "test_files": {"x": {"path": "pairs.tsv", "format": "parallel"}},
        "ablations": {"seeds": [1, 2], "only": ["full", "gector"]},
    }
    (folder / "mine.yaml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def test_one_table_of_all_runs(project):
    prepare(project)
    result = project.snakemake(*COMMAND)
    output = result.stdout + result.stderr
    assert result.returncode == 0, output[-4000:]
    assert "train 22 examples" in output  # 4 pairs three times, 10 clean sentences
    folder = project.folder / "outputs" / "abl" / "ablations"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert list(summary["tests"]["x"]) == ["full", "gector"]
    assert summary["tests"]["x"]["full"]["F0.5"]["half_width"] is not None
    assert "| gector |" in (folder / "table.md").read_text(encoding="utf-8")
    # A run whose scores are lost does not train again: its stages are finished.
    before = json.loads((folder / "full" / "1" / "seconds.json").read_text())
    kept = json.loads((folder / "full" / "1.json").read_text())
    (folder / "full" / "1.json").unlink()
    shutil.rmtree(folder / "full" / "1" / "tensorboard")
    (folder / "summary.json").unlink()
    result = project.snakemake(*COMMAND)
    assert result.returncode == 0, result.stderr[-4000:]
    assert "is finished already" in result.stdout + result.stderr
    assert json.loads((folder / "full" / "1" / "seconds.json").read_text()) == before
    again = json.loads((folder / "full" / "1.json").read_text())
    assert again["tests"] == kept["tests"]
    # Another variant: its runs and the table, nothing else.
    project.edit("mine.yaml", "- gector", "- gector\n  - tagging")
    plan = project.snakemake(*COMMAND, "-n").stdout
    assert plan.count("Ablation tagging, seed") == 2
    assert "Writing the table of the ablations" in plan
    assert "Ablation full" not in plan
    assert "Reading" not in plan


def test_a_variant_that_is_none_is_named(project):
    prepare(project)
    project.edit("config.yaml", "full: {}", "full: {enable_gap: maybe}")
    result = project.snakemake(*COMMAND)
    assert result.returncode != 0
    assert "ablations.variants.full: configuration key enable_gap='maybe'" in result.stdout + result.stderr
