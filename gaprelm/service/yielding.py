"""A model that reads a long text in steps, between which something else may be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gaprelm.correction.reading import EditProposer
from gaprelm.edits.proposed import ProposedEdit, Thresholds


class Yielding:
    """A model that calls ``between`` before each step; what it proposes is the same.

    Args:
        proposer: the model.
        between: may call the model, too.
        at_once: pieces with at most so many characters together are not read in steps.
        step: how many characters a step has, padding included, unless it is a single piece.
    """

    def __init__(self, proposer: EditProposer, between: Callable[[], None], at_once: int, step: int) -> None:
        self._proposer, self._between, self._at_once, self._step = proposer, between, at_once, step
        self.max_length = proposer.max_length

    def __call__(
        self, pieces: Sequence[str], batch_size: int | None = None, thresholds: Thresholds | None = None
    ) -> list[list[ProposedEdit]]:
        """Proposals for each piece, as ``EditProposer`` says."""
        if sum(map(len, pieces)) <= self._at_once:
            return self._proposer(pieces, batch_size, thresholds=thresholds)
        found: list[list[ProposedEdit]] = [[] for _ in pieces]
        for places in self._steps(pieces):
            self._between()
            proposals = self._proposer([pieces[place] for place in places], batch_size, thresholds=thresholds)
            for place, edits in zip(places, proposals, strict=True):
                found[place] = edits
        return found

    def _steps(self, pieces: Sequence[str]) -> Iterator[list[int]]:
        """Places of pieces of similar length."""
        step: list[int] = []
        for place in sorted(range(len(pieces)), key=lambda place: len(pieces[place])):
            if step and (len(step) + 1) * len(pieces[place]) > self._step:
                yield step
                step = []
            step.append(place)
        if step:
            yield step
