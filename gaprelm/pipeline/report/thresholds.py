"""Precision and recall over thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gaprelm.pipeline.report.figures import new_figure, save


def draw_thresholds(calibration: dict[str, Any], path: Path) -> None:
    """The curve over one threshold that all types share, and the calibrated points."""
    figure, axes = new_figure(1, 1, width=7, height=5)
    axis = axes[0][0]
    curve = calibration["curve"]
    axis.plot(
        [c["recall"] for c in curve], [c["precision"] for c in curve], marker=".", label="one threshold for all types"
    )
    for point in curve[::3]:
        axis.annotate(f"{point['threshold']:g}", (point["recall"], point["precision"]), fontsize=7, alpha=0.7)
    for (name, point), marker in zip(calibration["operating_points"].items(), "osD", strict=False):
        dev, chosen = point["dev"], name == calibration["default"]
        thresholds = ", ".join(f"{kind} {value:g}" for kind, value in point["thresholds"].items())
        label = f"{name.upper()} {dev[name]:.3f} ({thresholds}){' – used' if chosen else ''}"
        axis.plot(dev["recall"], dev["precision"], marker, markersize=9, label=label)
    axis.set(
        xlabel="recall",
        ylabel="precision",
        title=f"edits (ChERRANT), dev set of {calibration['dev_sentences']:,} sentences",
    )
    axis.legend(fontsize=8)
    save(figure, path)
