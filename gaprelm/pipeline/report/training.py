"""Training curves of the stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gaprelm.pipeline.report.figures import new_figure, save

_SCORES = ("eval_infill_accuracy", "eval_planner_f", "eval_f0.5", "eval_f1", "eval_f2")


def draw_training(histories: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """One row per stage: the parts of the loss and the dev scores, over the steps."""
    figure, axes = new_figure(len(histories), 2, width=12, height=3.2 * len(histories))
    for (losses, scores), (stage, history) in zip(axes, histories.items(), strict=True):
        parts = sorted({key for entry in history for key in entry if key.startswith("loss")})
        _lines(losses, history, parts)
        losses.set(title=f"{stage}: loss", xlabel="step")
        _lines(scores, history, _SCORES)
        scores.set(title=f"{stage}: dev", xlabel="step", ylim=(0, 1))
    save(figure, path)


def _lines(axis: Any, history: list[dict[str, Any]], keys: tuple[str, ...] | list[str]) -> None:
    drawn = False
    for key in keys:
        points = [(entry["step"], entry[key]) for entry in history if key in entry]
        if points:
            axis.plot(*zip(*points, strict=True), marker="o", markersize=2.5, label=key.removeprefix("eval_"))
            drawn = True
    if drawn:
        axis.legend(fontsize=8)
    else:
        axis.text(0.5, 0.5, "nothing recorded", ha="center", transform=axis.transAxes)
