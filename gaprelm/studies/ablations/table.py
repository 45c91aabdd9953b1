"""The results of all runs: means over the seeds with their intervals, in a table for each test set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from statistics import mean, stdev
from typing import Any

from gaprelm.pipeline.report.html import note, page, table

# Two-sided 95 % quantiles of Student's t by degrees of freedom (1 to 10); above 10 the normal quantile is used.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
_NORMAL = 1.960
# Each column, and the place of its number in a run's scores on a test set: (operating point, key).
_SCORES = {
    "P": ("f0.5", "precision"),
    "R": ("f0.5", "recall"),
    "F0.5": ("f0.5", "f0.5"),
    "F1": ("f1", "f1"),
    "F2": ("f2", "f2"),
}
_COSTS = {
    "training, s": lambda run: run["seconds"]["wall"],
    "training, processor s": lambda run: run["seconds"]["processor"],
    "sentences/s": lambda run: run["sentences_per_second"],
    "million parameters": lambda run: run["parameters"] / 1e6,
}
_EXPLANATION = (
    "Means over the seeds, ± half of the 95 % interval (Student's t). P, R and F0.5 at the thresholds that are best "
    "for F0.5 on the selecting set, F1 and F2 each at its own. ChERRANT's scores over edits."
)


def summarize(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """``tests``: test → variant → column → {mean, half_width}; ``costs``: variant → column → the same.

    Args:
        runs: for each variant, what ``gaprelm.studies.ablations.run.run`` returned for each seed.
    """
    tests = list(next(iter(runs.values()))[0]["tests"])
    return {
        "seeds": len(next(iter(runs.values()))),
        "tests": {
            test: {
                variant: {
                    column: interval([run["tests"][test]["points"][point][key] for run in results])
                    for column, (point, key) in _SCORES.items()
                }
                for variant, results in runs.items()
            }
            for test in tests
        },
        "costs": {
            variant: {column: interval([number(run) for run in results]) for column, number in _COSTS.items()}
            for variant, results in runs.items()
        },
    }


def interval(values: Sequence[float]) -> dict[str, float | None]:
    """The mean, and the half width of its 95 % interval (None for a single value)."""
    if len(values) == 1:
        return {"mean": values[0], "half_width": None}
    freedom = len(values) - 1
    quantile = _STUDENT[freedom - 1] if freedom <= len(_STUDENT) else _NORMAL
    return {"mean": mean(values), "half_width": quantile * stdev(values) / sqrt(len(values))}


def ablations_page(summary: Mapping[str, Any]) -> str:
    """A page for the report."""
    body = [note(_EXPLANATION)]
    body += [table(title, header, rows) for title, header, rows in _tables(summary)]
    return page("Ablations and baselines", body)


def markdown_tables(summary: Mapping[str, Any]) -> str:
    """The same tables as Markdown."""
    parts = [_EXPLANATION + "\n"]
    for title, header, rows in _tables(summary):
        lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        parts.append(f"**{title}**\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def _tables(summary: Mapping[str, Any]) -> Iterable[tuple[str, list[str], list[list[str]]]]:
    """Title, header and rows of each table."""
    for test, variants in summary["tests"].items():
        yield f"{test} ({summary['seeds']} seeds)", ["variant", *_SCORES], _rows(variants, 3)
    yield "Cost", ["variant", *_COSTS], _rows(summary["costs"], 1)


def _rows(variants: Mapping[str, Mapping[str, Mapping[str, float | None]]], digits: int) -> list[list[str]]:
    return [[name, *(_cell(values, digits) for values in columns.values())] for name, columns in variants.items()]


def _cell(values: Mapping[str, float | None], digits: int) -> str:
    text = f"{values['mean']:.{digits}f}"
    return text if values["half_width"] is None else f"{text} ± {values['half_width']:.{digits}f}"
