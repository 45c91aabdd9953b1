"""The part of ``gpu.py`` that corrects: sentences a second by the size of batches, beside a tagging pass."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from gpu_models import QUICK, SIZES, made
from gpu_report import Report
from inference import corrector, read_texts, tagger

from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.edits.proposed import Thresholds

# A model that was not trained is sure of little; as low as these, the infiller writes all that the planner proposes.
THRESHOLDS: Thresholds = dict.fromkeys(map(str, EDIT_TYPES), 0.1)
Correct = Callable[[list[str], int], list[str]]


def inference(report: Report, quick: bool) -> None:
    """Both sizes of encoder, with the correction of this project and as a tagger."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    texts = read_texts(None, 40 if quick else 3000)
    with tempfile.TemporaryDirectory() as folder:
        for name, size in (QUICK if quick else SIZES).items():
            new, path = made(size), Path(folder) / name
            new.model.save_pretrained(path)
            new.vocabulary.save(path)
            for precision in ("bf16", "fp32"):
                makers = {
                    "corrector": lambda path=path, kind=precision: corrector(path, kind, device, THRESHOLDS),
                    "tagging": lambda path=path, kind=precision: tagger(path, kind, None, device),
                }
                for form, make in makers.items():
                    report.measure(
                        f"{name}, {form}, {precision}", rates, make, texts, (1, 8) if quick else (512, 64, 1)
                    )
        report.measure("small, corrector, bf16, cuDNN's attention", with_cudnn, Path(folder), texts, quick)


def rates(make: Callable[[], Correct], texts: list[str], batches: tuple[int, ...]) -> dict[str, object]:
    """Sentences a second by the size of batches; in batches of one only a hundred are measured."""
    correct, changed = make(), 0
    row: dict[str, object] = {}
    for batch in batches:
        some = texts[:100] if batch == 1 else texts
        correct(some[: 4 * batch], batch)
        start = time.perf_counter()
        targets = correct(some, batch)
        row[f"sentences_per_second_{batch}"] = round(len(some) / (time.perf_counter() - start), 1)
        changed = max(changed, sum(a != b for a, b in zip(some, targets, strict=True)))
    return row | {"changed": changed}


def with_cudnn(folder: Path, texts: list[str], quick: bool) -> dict[str, object]:
    """The attention that PyTorch would choose by itself, and ``avoid_cudnn_attention`` does not."""

    def make() -> Correct:
        made = corrector(folder / "small", "bf16", "cuda" if torch.cuda.is_available() else "cpu", THRESHOLDS)
        torch.backends.cuda.enable_cudnn_sdp(True)
        return made

    try:
        return rates(make, texts, (8,) if quick else (512, 64))
    finally:
        torch.backends.cuda.enable_cudnn_sdp(False)
