"""Errors in punctuation: those that the standard GB/T 15834-2011 warns of, and those of learners."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from gaprelm.noise import settings as names
from gaprelm.noise.choices import Choices
from gaprelm.noise.kinds import FREE, Change, Kind

_HALF_WIDTH = {"，": ",", "。": ".", "？": "?", "！": "!", "：": ":", "；": ";"}
# Which marks are written for another one, and how likely.
_EXCHANGED: dict[str, dict[str, float]] = {
    "，": {"。": 6, "、": 3, "；": 1},
    "。": {"，": 9, "；": 1},
    "、": {"，": 1},
    "；": {"，": 2, "。": 1},
    "：": {"，": 2, "；": 1},
    "？": {"。": 1},
    "！": {"。": 1},
}
# Marks that errors may change. Brackets and quotation marks come in pairs, and stay.
MARKS = frozenset(_EXCHANGED)
_OMITTED = ""


def mark_kind(name: str, characters: Container[str]) -> Kind:
    """One of ``PUNCTUATION_KINDS``, which writes only marks that are among ``characters``.

    A model knows the characters of its training texts. All others look alike to it, so they teach it nothing.
    """
    written: dict[str, Mapping[str, float]] = {
        names.HALF_WIDTH: {mark: {half: 1} for mark, half in _HALF_WIDTH.items()},
        names.EXCHANGED: _EXCHANGED,
        names.DOUBLED: {mark: {mark * 2: 1} for mark in MARKS},
        names.OMITTED: {mark: {_OMITTED: 1} for mark in MARKS},
    }[name]
    return marks_kind(written, characters)


def marks_kind(written: Mapping[str, Mapping[str, float]], characters: Container[str]) -> Kind:
    """Writes for a mark one of the texts given for it, in proportion to their weights.

    A mark with a free Chinese character on neither side stays: it may belong to a number or a name.
    """
    choices = {
        mark: Choices({text: weight for text, weight in texts.items() if all(c in characters for c in text)})
        for mark, texts in written.items()
        if mark in MARKS
    }

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = choices.get(sentence[place])
        if not candidates or FREE not in (states[place - 1], states[place + 1]):
            return None
        return Change(place, place + 1, candidates.choose(draw()))

    return change
