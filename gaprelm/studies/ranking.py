"""How well a ranking of characters finds the wrong ones."""

from __future__ import annotations

import numpy as np


def average_precision(score: np.ndarray, wrong: np.ndarray) -> float:
    """The mean, over the wrong characters, of the precision down to their place in the ranking by ``score``."""
    hits = wrong[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())
