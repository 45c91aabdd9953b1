"""The model that comes with the package corrects at once, is small, and can be trained on."""

import pytest
import torch

from gaprelm import Corrector
from gaprelm.correction.backends.onnx_backend import OnnxBackend
from gaprelm.correction.thresholds import read_thresholds
from gaprelm.model.checkpoint import SHIPPED, find_checkpoint, read_calibration
from gaprelm.model.initial import initial_model
from gaprelm.model.loading import load_model
from tests.conftest import ROOT


def test_it_corrects_and_leaves_what_is_right():
    texts = ["我再家看书。", "我门明天去公圆玩。", "这个问题很重要，需要认真对待。"]
    targets = [result.target for result in Corrector().correct_batch(texts)]
    assert targets == ["我在家看书。", "我们明天去公园玩。", texts[2]]


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_it_answers_as_the_readme_says(readme):
    """The first table: a sentence, its correction, the edit."""
    rows = [line.split(" | ") for line in (ROOT / readme).read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    examples = [(source.removeprefix("| "), target) for source, target, *_ in rows[1:5]]
    assert all(source.endswith("。") for source, _ in examples)
    assert [Corrector()(source).target for source, _ in examples] == [target for _, target in examples]


def test_it_is_small_and_calibrated():
    folder = find_checkpoint()
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 16_000_000
    calibration = read_calibration(folder)
    assert calibration is not None
    points = calibration["operating_points"]
    assert points.keys() == {"f0.5", "f1", "f2"}
    assert Corrector().thresholds == read_thresholds(folder) == points["f0.5"]["thresholds"]
    assert Corrector.from_pretrained(operating_point="f1").thresholds == points["f1"]["thresholds"]


def test_torch_reads_the_same_model():
    texts = ["我再家看书。", "他每天都坚持跑步锻练身体。", "我门明天去公圆玩。", "今天天气很好。"]
    by_torch, by_onnx = (Corrector.from_pretrained(backend=backend, device="cpu") for backend in ("torch", None))
    assert [r.target for r in by_torch.correct_batch(texts)] == [r.target for r in by_onnx.correct_batch(texts)]
    OnnxBackend(find_checkpoint())


def test_training_starts_from_it_with_the_characters_that_it_lacks():
    switches = {"max_insert_num": 3, "max_seq_length": 64, "enable_counts": True, "enable_tagging": True}
    model, vocabulary = initial_model(SHIPPED, switches, {}, 0.0, 1, ["我在𠮷野家。", "𠮷野家在哪里？"])
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.counts is not None
    before, known = load_model(find_checkpoint(), "cpu")
    assert vocabulary.tokens == [*known.tokens, "𠮷"]
    old, new = (each.get_input_embeddings().weight for each in (before, model))
    torch.testing.assert_close(new[: len(known)], old[: len(known)])
    torch.testing.assert_close(new[-1], old[known.unk_id])
    bias = model.infiller_head.predictions.bias
    assert bias[-1] == bias.min()
