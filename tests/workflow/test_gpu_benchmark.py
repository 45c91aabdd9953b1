"""The part of the GPU benchmark that trains an experiment for some minutes, from prepared data."""

import json
import subprocess
import sys
from hashlib import sha256

import pytest
import torch
from safetensors.torch import load_file

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def trained(finished, tmp_path_factory):
    """Its output, after 4 seconds of stage A, nothing of B and 2 seconds of C."""
    output = tmp_path_factory.mktemp("gpu")
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu.py"), "--output", str(output), "--device", "cpu"]
    command += ["--parts", "experiment", "--experiment", "outputs/smoke/config.yaml", "--minutes", "0.07", "0", "0.03"]
    result = subprocess.run(
        command, cwd=finished.folder, env=finished.environment(False), capture_output=True, text=True, timeout=400
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return output


def test_each_stage_gets_its_minutes(trained):
    rows = json.loads((trained / "experiment.json").read_text(encoding="utf-8"))["rows"]
    assert rows.keys() == {"infiller_pretrain", "joint_finetune"}
    for row in rows.values():
        assert row["steps"] > 10
        assert row["samples_per_second"] > 0
    history = json.loads((trained / "work" / "joint_finetune" / "history.json").read_text(encoding="utf-8"))
    assert history[-1]["step"] == rows["joint_finetune"]["steps"]
    assert "joint_finetune INFO step" in (trained / "training.log").read_text(encoding="utf-8")


def test_a_stage_starts_from_the_one_before_that_was_trained(trained):
    started = (trained / "work" / "joint_finetune.yaml").read_text(encoding="utf-8")
    assert f"initial_model: {trained}/work/infiller_pretrain/model\n" in started


def test_the_pieces_joined_are_the_weights(trained, tmp_path):
    joined = tmp_path / "model.safetensors"
    pieces = sorted(trained.glob("model.safetensors.part-*"))
    joined.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    assert all(torch.isfinite(weights).all() for weights in load_file(joined).values())
    original = trained / "work" / "joint_finetune" / "model" / "model.safetensors"
    assert sha256(joined.read_bytes()).digest() == sha256(original.read_bytes()).digest()


def test_weights_are_cut_into_pieces_and_those_of_an_earlier_stage_go(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import gpu_experiment

    monkeypatch.setattr(gpu_experiment, "PIECE", 3)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    weights = tmp_path / "model.safetensors"
    output = tmp_path / "output"
    output.mkdir()
    for content in (b"0123456", b"abcd"):
        weights.write_bytes(content)
        gpu_experiment.pack(tmp_path, output)
        assert b"".join(path.read_bytes() for path in sorted(output.glob("model.safetensors.part-*"))) == content
    assert len(list(output.glob("model.safetensors.part-*"))) == 2
