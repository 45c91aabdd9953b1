"""Correcting on a GPU gives what correcting on the processor gives."""

from __future__ import annotations

import pytest

from gaprelm import Corrector
from gaprelm.correction.decoding import Proposer
from gaprelm.model.loading import load_model
from tests.conftest import saved
from tests.gpu.conftest import DEVICE, default_model, needs_device, pairs

pytestmark = [pytest.mark.gpu, needs_device]

TEXTS = [source for source, _ in pairs()]


@pytest.fixture
def folder(tmp_path):
    model, vocabulary, _ = default_model()
    return saved(model, vocabulary, tmp_path / "model")


def proposals(folder, device, dtype=None):
    """Edit → confidence for all texts."""
    pieces = Proposer(*load_model(folder, device, dtype), 16)(TEXTS)
    found = {(number, edit.edit): edit.confidence for number, edits in enumerate(pieces) for edit in edits}
    assert len(found) > 20
    return found


def test_the_same_edits_with_the_same_confidence(folder):
    here, there = proposals(folder, "cpu"), proposals(folder, DEVICE)
    assert there.keys() == here.keys()
    assert there == pytest.approx(here, abs=1e-4)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_proposes_nearly_the_same(folder, dtype):
    here, there = proposals(folder, "cpu"), proposals(folder, DEVICE, dtype)
    common = here.keys() & there.keys()
    assert len(common) > 0.8 * len(here)
    assert sum(abs(here[edit] - there[edit]) for edit in common) / len(common) < 0.05


def test_texts_of_any_length_come_back_corrected_alike(folder):
    texts = [*TEXTS, "", "。".join(TEXTS)]
    thresholds = dict.fromkeys(("replace", "insert", "delete"), 0.2)
    here, there = (
        [
            result.target
            for result in Corrector.from_pretrained(folder, device=device, thresholds=thresholds).correct_batch(
                texts, batch_size=7
            )
        ]
        for device in ("cpu", DEVICE)
    )
    assert there == here
    assert there != texts
