"""Scores as plain tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gaprelm.scoring.significance import Difference


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns in line: the first to the left, the others to the right; numbers formatted."""
    cells = [list(header), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) if not column else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def interval_text(low: float, high: float) -> str:
    """A 95 % interval in words."""
    return f"95 % interval {low:.4f} to {high:.4f}"


def difference_text(name: str, difference: Difference) -> str:
    """The difference of two scores in words."""
    return (
        f"{name} {difference.value:+.4f} against the other system, {interval_text(difference.low, difference.high)}, "
        f"p = {difference.p:.4f} (approximate randomization)"
    )


def _shown(cell: object) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
