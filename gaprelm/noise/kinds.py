"""The kinds of errors: how each changes a sentence at a given place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gaprelm.characters import is_han
from gaprelm.noise import settings as names
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions
from gaprelm.noise.confusion_file import FileConfusions
from gaprelm.noise.words import WORD_LENGTH, WordConfusions

_AROUND = 5

# Whether an error may change a character: never (it is not Chinese, or protected); no longer (it belongs to another
# error, or touches one); yes.
NEVER, TAKEN, FREE = 0, 1, 2


class Change(NamedTuple):
    """Characters ``start``..``end`` of the correct sentence, which become ``text``."""

    start: int
    end: int
    text: str


# Takes a function that draws a number from 0 to 1, the sentence, a free place, and the state of each place (with NEVER
# for the place after the last one). Gives a change that begins at that place, or None if none can be made there.
Kind = Callable[[Callable[[], float], str, int, Sequence[int]], Change | None]


def pick(chance: float, candidates: Sequence[str]) -> str:
    """One of the candidates, all equally likely."""
    return candidates[int(chance * len(candidates))]


def sound_kind(confusions: SoundConfusions, near: bool) -> Kind:
    """Replaces the character by one of the same sound, or (``near``) of a similar one."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = confusions.at(sentence, place)[near]
        return Change(place, place + 1, candidates.choose(draw())) if candidates else None

    return change


def shape_kind(confusions: ShapeConfusions) -> Kind:
    """Replaces the character by one that looks like it."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        candidates = confusions.of(sentence[place])
        return Change(place, place + 1, candidates.choose(draw())) if candidates else None

    return change


def file_kind(confusions: FileConfusions) -> Kind:
    """Replaces the longest text of a user's file that begins there by one of its alternatives."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        for length in confusions.lengths:
            text = sentence[place : place + length]
            if text in confusions and all(state == FREE for state in states[place : place + length]):
                return Change(place, place + length, confusions.choose(text, draw()))
        return None

    return change


def word_kind(confusions: WordConfusions) -> Kind:
    """Replaces the word by another one of the same sound."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        end = place + WORD_LENGTH
        if states[place + 1] != FREE or not confusions.of(sentence[place:end]):
            return None
        return Change(place, end, confusions.choose(sentence[place:end], draw()))

    return change


def missing(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """Leaves out the character, but only beside a Chinese one that is not protected: 3和5 must not become 35."""
    if states[place - 1] == states[place + 1] == NEVER or _in_run(sentence, place):
        return None
    return Change(place, place + 1, "")


def repeated(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """Writes the character twice."""
    return None if _in_run(sentence, place) else Change(place + 1, place + 1, sentence[place])


def context(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """Inserts a character of the text around after this one, different from both its new neighbours."""
    neighbours = sentence[place : place + 2]
    around = sentence[max(0, place - _AROUND) : place + _AROUND + 1]
    candidates = [c for c in around if c not in neighbours and is_han(c)]
    return Change(place + 1, place + 1, pick(draw(), candidates)) if candidates else None


def swapped(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """Exchanges the character with the following one."""
    if states[place + 1] != FREE or sentence[place] == sentence[place + 1]:
        return None
    return Change(place, place + 2, sentence[place + 1] + sentence[place])


def _in_run(sentence: str, place: int) -> bool:
    """Whether the place is in a run of three or more equal characters, where one more and one less would cancel out."""
    return sentence[place] * 3 in sentence[max(0, place - 2) : place + 3]


FIXED_KINDS: dict[str, Kind] = {
    names.MISSING: missing,
    names.REPEATED: repeated,
    names.CONTEXT: context,
    names.SWAPPED: swapped,
}
