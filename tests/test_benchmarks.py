"""The commands of benchmarks/ run, with little to do, and what they share does what it says.

What they measure is not tested. Not here: what needs wrk (service), a package index (installation) or minutes
(training, which has a test beside the trainer's).
"""

import json
import os
import runpy
import subprocess
import sys

import pytest

from tests import warm
from tests.conftest import ROOT, SENTENCES

PAIRS = [
    ("1", "我今天去学校上棵。", "我今天去学校上课。"),
    ("2", "他录被大学录取了。", "他被大学录取了。"),
    ("3", "你好。", "你好。"),
]


@pytest.fixture(autouse=True)
def _path_of_benchmarks(monkeypatch):
    """A script finds what stands beside it."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def files(tmp_path, model_dir):
    """Texts, pairs and a model, by the names that the commands below have for them."""
    (tmp_path / "texts.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    (tmp_path / "pairs.tsv").write_text("".join("\t".join(pair) + "\n" for pair in PAIRS), encoding="utf-8")
    return {"model": str(model_dir), "texts": str(tmp_path / "texts.txt"), "pairs": str(tmp_path / "pairs.tsv")}


@pytest.mark.parametrize(
    ("command", "measured"),
    [
        ("control {texts} --model {model} --terms 20 --repeat 1 --json", "sentences_per_second"),
        ("data --sentences 100 --shards 2 --json", "peak_mb"),
        ("data --pairs {pairs}:mucgec --shards 1 --jobs 1 --json", "sentences_per_second"),
        ("errors --texts {texts} --real people {pairs} --json", "clean sentences"),
        ("inference --model {model} --texts {texts} --sizes tiny --forms torch_fp32 --rounds 1 --json", "torch_fp32"),
        ("noise --sentences 100 --json", "sentences_per_second"),
        ("scoring {pairs} --repeat 1 --json", "pairs_per_second"),
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


def test_the_benchmark_of_gpus_is_rehearsed(tmp_path):
    """In processes of its own, as there."""
    command = [warm.python(), str(ROOT / "benchmarks" / "gpu.py"), "--output", str(tmp_path)]
    # The others are rehearsed by hand: together they take two minutes.
    parts = ("training_small", "inference", "profile")
    command += ["--device", "cpu", "--quick", "--limit", "400", "--parts", *parts]
    environment = os.environ | warm.environment()
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=800
    )
    assert result.returncode == 0, result.stderr[-4000:]
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.json")}
    assert found.keys() == set(parts)
    assert all(document["rows"] and not document["errors"] for document in found.values())
    assert (tmp_path / "profile.txt").read_text(encoding="utf-8").count("\n") > 15


def test_a_part_that_fails_or_takes_too_long_is_recorded(tmp_path):
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu.py"), "--output", str(tmp_path), "--parts", "inference"]
    command += ["--device", "cpu", "--quick", "--limit", "0.2"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert result.returncode == 1
    document = json.loads((tmp_path / "inference.json").read_text(encoding="utf-8"))
    assert document["errors"] == {"the part": "ended after its 0.2 seconds"}


def test_tables_have_columns_of_equal_width(capsys):
    import common

    common.show({}, False, {"step": {"read": {"seconds": 1.5, "mb": 1000}, "write": {"seconds": 0.25, "mb": None}}})
    assert capsys.readouterr().out.splitlines() == [
        "step   seconds     mb",
        "read       1.5  1,000",
        "write     0.25      -",
    ]


def test_sentences_are_different_and_the_same_in_each_run():
    import common

    sentences = list(common.sentences(2000))
    assert len(set(sentences)) == 2000
    assert {len(sentence) for sentence in sentences} == set(range(10, 51))
    assert list(common.sentences(10)) == sentences[:10]


def test_peak_memory_is_that_of_the_process_itself():
    import common

    large = bytearray(400_000_000)
    large[::4096] = b"1" * len(large[::4096])
    assert common.peak_mb() > 380
    assert common.in_a_process(common.peak_mb) < 300


def test_variables_reach_a_fresh_process_and_no_other(monkeypatch):
    import common

    monkeypatch.setenv("GAPRELM_A", "before")
    values = common.in_a_process(os.getenv, "GAPRELM_A", GAPRELM_A="1", GAPRELM_B="2")
    assert (values, os.environ["GAPRELM_A"], "GAPRELM_B" in os.environ) == ("1", "before", False)


def test_what_a_fresh_process_prints_is_not_among_the_figures(capfd):
    import common

    common.in_a_process(print, "progress")
    printed = capfd.readouterr()
    assert (printed.out, "progress" in printed.err) == ("", True)


def test_a_folder_that_holds_files_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "template.parquet").touch()
    monkeypatch.setattr(sys, "argv", ["data.py", "--folder", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(ROOT / "benchmarks" / "data.py"), run_name="__main__")
    assert caught.value.code == 2
    assert "expected an empty folder" in capsys.readouterr().err


def test_cost_is_of_all_calls():
    import common

    cost = common.cost(sum, [([1, 2],), ([3, 4],)], jobs=2)
    assert cost.result == [3, 7]
    assert cost.seconds > 0
    assert cost.peak_mb > 0


def test_a_tenth_of_the_pairs_are_duplicates_and_a_tenth_near_duplicates(tmp_path):
    data = runpy.run_path(str(ROOT / "benchmarks" / "data.py"))
    path = tmp_path / "pairs.tsv"
    lines = [f"第{number}句话？\t第{number}句话。" for number in range(10_000)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    data["repeat_some"](path)
    changed = path.read_text(encoding="utf-8").splitlines()
    assert len(changed) == len(lines)
    other = [line for line, old in zip(changed, lines, strict=True) if line != old]
    duplicates = [line for line in other if line in lines]
    assert 900 < len(duplicates) < 1100
    assert 900 < len(other) - len(duplicates) < 1100
