"""What the value of a key in a file of a model may be: a test, and words for it. Nothing here imports torch."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from gaprelm.errors import CheckpointError, shown


class Expected(NamedTuple):
    """The values that a key may have: a test, and a description in words."""

    fits: Callable[[Any], bool]
    words: str

    def check(self, name: str, key: str, value: Any) -> None:
        """Check a value.

        Args:
            name: of the file, for the message.

        Raises:
            CheckpointError: the value does not fit.
        """
        if not self.fits(value):
            raise CheckpointError(
                f"{name}: {key}: found {shown(value)}; expected {self.words}\n  cure: copy or export the model again"
            )


def whole(low: int, high: int) -> Expected:
    """Whole numbers from ``low`` to ``high``; true is none, though Python takes it for 1."""
    return Expected(lambda v: type(v) is int and low <= v <= high, f"a whole number from {low} to {high}")


def number(low: float, high: float) -> Expected:
    """Numbers from ``low`` to ``high``, whole or not."""
    return Expected(lambda v: type(v) in (int, float) and low <= v <= high, f"a number from {low} to {high}")


def one_of(values: Collection[Any]) -> Expected:
    """One of a few texts, or of a few values of other types."""
    return Expected(
        lambda v: any(v == known and type(v) is type(known) for known in values),
        f"one of {', '.join(map(str, values))}",
    )


TRUTH = Expected(lambda v: isinstance(v, bool), "true or false")
