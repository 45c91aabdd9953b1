"""The kinds of errors: what each makes of a place in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gaprelm.characters import is_han
from gaprelm.noise import settings as names
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions
from gaprelm.noise.confusion_file import FileConfusions
from gaprelm.noise.words import WORD_LENGTH, WordConfusions

_AROUND = 5

# Whether an error may still change a character: never (no Chinese character, or protected), not any more, yes.
NEVER, TAKEN, FREE = 0, 1, 2


class Change(NamedTuple):
    """Characters ``start``..``end`` of the correct sentence, which become ``text``."""

    start: int
    end: int
    text: str


# (a draw from 0 to 1, the sentence, a free place, the state of each place and NEVER for the place after the last one)
# to a change that begins there, or None where such an error cannot stand.
Kind = Callable[[Callable[[], float], str, int, Sequence[int]], Change | None]


def pick(chance: float, candidates: Sequence[str]) -> str:
    """One of the candidates, each as likely."""
    return candidates[int(chance * len(candidates))]


def sound_kind(confusions: SoundConfusions, near: bool) -> Kind:
    """A character of the same, or a near, sound."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = confusions.at(sentence, place)[near]
        return Change(place, place + 1, pick(draw(), candidates)) if candidates else None

    return change


def shape_kind(confusions: ShapeConfusions) -> Kind:
    """A character that looks alike."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = confusions.of(sentence[place])
        return Change(place, place + 1, pick(draw(), candidates)) if candidates else None

    return change


def file_kind(confusions: FileConfusions) -> Kind:
    """What a user's file names for the longest text of the file that begins there."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        for length in confusions.lengths:
            text = sentence[place : place + length]
            if text in confusions and all(state == FREE for state in states[place : place + length]):
                return Change(place, place + length, confusions.choose(text, draw()))
        return None

    return change


def word_kind(confusions: WordConfusions) -> Kind:
    """A word of the same sound."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        end = place + WORD_LENGTH
        if states[place + 1] != FREE or not confusions.of(sentence[place:end]):
            return None
        return Change(place, end, confusions.choose(sentence[place:end], draw()))

    return change


def missing(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """The character is left out, where a Chinese character stands beside it: 3和5 must not become 35."""
    if states[place - 1] == states[place + 1] == NEVER or _in_run(sentence, place):
        return None
    return Change(place, place + 1, "")


def repeated(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """The character stands there twice."""
    return None if _in_run(sentence, place) else Change(place + 1, place + 1, sentence[place])


def context(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """A character from the text around slips in after it, another one than its neighbours."""
    neighbours = sentence[place : place + 2]
    around = sentence[max(0, place - _AROUND) : place + _AROUND + 1]
    candidates = [c for c in around if c not in neighbours and is_han(c)]
    return Change(place + 1, place + 1, pick(draw(), candidates)) if candidates else None


def swapped(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """The character changes places with the following one."""
    if states[place + 1] != FREE or sentence[place] == sentence[place + 1]:
        return None
    return Change(place, place + 2, sentence[place + 1] + sentence[place])


def _in_run(sentence: str, place: int) -> bool:
    """Whether three or more equal characters stand there: one more and one less of them would cancel out."""
    return sentence[place] * 3 in sentence[max(0, place - 2) : place + 3]


FIXED_KINDS: dict[str, Kind] = {
    names.MISSING: missing,
    names.REPEATED: repeated,
    names.CONTEXT: context,
    names.SWAPPED: swapped,
}
