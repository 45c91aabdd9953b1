"""What all figures share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

from gaprelm.textio import replacing

matplotlib.use("svg")
# Equal data give equal files; text stays text, so that it can be searched and read aloud.
matplotlib.rcParams.update({"svg.hashsalt": "gaprelm", "svg.fonttype": "none", "axes.spines.top": False})
matplotlib.rcParams.update({"axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3, "font.size": 10})


def new_figure(rows: int, columns: int, width: float, height: float) -> tuple[Any, Any]:
    """A figure and its (rows, columns) array of axes; sizes in inches."""
    from matplotlib import pyplot

    return pyplot.subplots(rows, columns, figsize=(width, height), layout="constrained", squeeze=False)


def save(figure: Any, path: Path) -> None:
    """Write SVG without a date, whole or not at all."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
