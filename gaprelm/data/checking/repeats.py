"""Finds repeated texts, by fingerprints and lines in flat arrays: 16 bytes per text."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np


class Repeats:
    """Collects (fingerprint, line) and finds those that occur several times."""

    def __init__(self) -> None:
        self._fingerprints, self._lines = array("Q"), array("Q")

    def add(self, fingerprint: int, line: int) -> None:
        """Add a text and its line."""
        self._fingerprints.append(fingerprint)
        self._lines.append(line)

    def groups(self) -> Iterator[list[int]]:
        """The lines of each text that occurs more than once, in the order of their first lines."""
        fingerprints = np.frombuffer(self._fingerprints, dtype=np.uint64)
        lines = np.frombuffer(self._lines, dtype=np.uint64)
        if not len(fingerprints):
            return
        order = np.argsort(fingerprints, kind="stable")
        starts = np.flatnonzero(np.diff(fingerprints[order], prepend=fingerprints[order[:1]] + np.uint64(1)))
        ends = np.append(starts[1:], len(order))
        several = np.flatnonzero(ends - starts > 1)
        for group in several[np.argsort(order[starts[several]])]:
            yield lines[order[starts[group] : ends[group]]].tolist()
