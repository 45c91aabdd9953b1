"""Scores as plain tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gaprelm.scoring.significance import Difference


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Aligned columns: the first to the left, the others to the right; numbers are formatted."""
    cells = [list(header), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return "\n".join(_line(row, widths) for row in cells)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    others = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join([row[0].ljust(widths[0]), *others])


def interval_text(low: float, high: float) -> str:
    """A 95 % interval in words."""
    return f"95 % interval {low:.4f} to {high:.4f}"


def difference_text(name: str, difference: Difference) -> str:
    """The difference of two scores in words."""
    return (
        f"{name} {difference.value:+.4f} against the other system, {interval_text(difference.low, difference.high)}, "
        f"p = {difference.p:.4f} (approximate randomization)"
    )


def shown(cell: object) -> str:
    """A cell for people: four digits, thousands separated, a dash for a value that is not defined."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:.4f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
