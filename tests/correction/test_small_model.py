"""The weights of the small model that the repository holds (docs/train/small.md)."""

import torch

from gaprelm import Corrector
from gaprelm.model.initial import initial_model
from tests.conftest import ROOT

SMALL = ROOT / "configs" / "small"


def test_it_corrects_and_leaves_what_is_right():
    corrector = Corrector.from_pretrained(SMALL, device="cpu")
    texts = ["我再家看书。", "我门去图书馆。", "这个问题很重要，需要认真对待。"]
    targets = [result.target for result in corrector.correct_batch(texts)]
    assert targets == ["我在家看书。", "我们去图书馆。", texts[2]]


def test_training_starts_from_it_in_full_precision():
    switches = {"max_insert_num": 3, "max_seq_length": 64, "enable_counts": True}
    model, _ = initial_model(str(SMALL), switches, {}, 0.0, 1, ["我在家看书。"])
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert model.counts is not None
