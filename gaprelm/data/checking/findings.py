"""Findings of a file: all are counted, the first of each kind are kept."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from gaprelm.errors import Problem

# The parts in which messages of one kind differ: numbers, quoted text, lists, names in brackets.
_VARIABLE = re.compile(r"'[^']*'|\[[^\]]*\]|\([^)]*\)|\d+|<\w+>")


class Findings:
    """Collects problems and warnings.

    Args:
        limit: how many findings of each kind are kept to be shown.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        self.shown: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Count a finding, and keep it if it is one of the first of its kind."""
        kind = _VARIABLE.sub("…", problem.expected)
        counts = self.counts[problem.warning]
        counts[kind] += 1
        if counts[kind] <= self.limit:
            self.shown.append(problem)

    @property
    def errors(self) -> int:
        """Number of findings that are not warnings."""
        return self.counts[False].total()

    @property
    def warnings(self) -> int:
        """Number of warnings."""
        return self.counts[True].total()

    @property
    def status(self) -> str:
        """``errors``, ``warnings`` or ``clean``."""
        return "errors" if self.errors else "warnings" if self.warnings else "clean"

    def as_dict(self) -> dict[str, Any]:
        """Counts by kind, and the findings kept, in the order of the file."""
        return {
            "errors": self.errors,
            "warnings": self.warnings,
            "by_kind": {
                name: dict(self.counts[warning].most_common())
                for name, warning in (("errors", False), ("warnings", True))
            },
            "shown": [
                {
                    "severity": "warning" if problem.warning else "error",
                    "file": str(problem.path),
                    "line": problem.line or None,
                    "record": problem.record_id,
                    "found": problem.found,
                    "expected": problem.expected,
                }
                for problem in sorted(self.shown, key=lambda problem: (str(problem.path), problem.line))
            ],
        }
