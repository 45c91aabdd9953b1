"""The commands of benchmarks/ run, with little to do: what they measure is not tested, that they still can is.

Not here: those that need finished runs (detection, transfer), wrk (service), a package index (installation) or minutes
(threads, pretrained_encoder; training has a test beside the trainer's).
"""

import json
import runpy
import sys

import pytest

from tests.conftest import ROOT, SENTENCES

PAIRS = [
    ("1", "我今天去学校上棵。", "我今天去学校上课。"),
    ("2", "他录被大学录取了。", "他被大学录取了。"),
    ("3", "你好。", "你好。"),
]


@pytest.fixture
def files(tmp_path, model_dir):
    """Texts, pairs and a model, by the names that the commands below have for them."""
    (tmp_path / "texts.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in PAIRS), encoding="utf-8")
    return {"model": str(model_dir), "texts": str(tmp_path / "texts.txt"), "pairs": str(tmp_path / "pairs.tsv")}


@pytest.mark.parametrize(
    ("command", "measured"),
    [
        ("alignment {pairs}:mucgec --repeat 1", "pairs_per_second"),
        ("cleaning --pairs 200", "pairs_per_second"),
        ("control {texts} --model {model} --terms 20 --repeat 1", "sentences_per_second"),
        ("data --sentences 100 --shards 2 --json", "peak_mb"),
        ("inference --model {model} --texts {texts} --sizes tiny --forms torch_fp32 --rounds 1 --json", "torch_fp32"),
        ("noise --sentences 100 --json", "sentences_per_second"),
        ("pairs --pairs 200", "samples_per_second_copy"),
        ("scoring {pairs} --repeat 1", "pairs_per_second"),
    ],
)
def test_benchmarks_run(command, measured, files, monkeypatch, capfd):
    name, *arguments = command.split()
    path = ROOT / "benchmarks" / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(path), *(argument.format(**files) for argument in arguments)])
    runpy.run_path(str(path), run_name="__main__")
    printed = capfd.readouterr().out
    json.loads(printed)
    assert measured in printed
