"""The kinds of errors in Chinese characters: how each changes a sentence at a given place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gaprelm.noise.choices import Choices, Lengths
from gaprelm.noise.confusion import ShapeConfusions, SoundConfusions
from gaprelm.noise.confusion_file import FileConfusions
from gaprelm.noise.words import WORD_LENGTH, WordConfusions

_AROUND = 5

# Whether an error may change a character: never (it is protected, or neither Chinese nor a mark); it is a mark, which
# only errors in punctuation change; no longer (it belongs to another error); only if the error may touch another one;
# yes. All from TAKEN on are Chinese characters.
NEVER, MARK, TAKEN, BESIDE, FREE = range(5)


class Change(NamedTuple):
    """Characters ``start``..``end`` of the correct sentence, which become ``text``."""

    start: int
    end: int
    text: str


# Takes a function that draws a number from 0 to 1, the sentence, a free place, and the state of each place (with NEVER
# for the place after the last one). Gives a change at that place, or None if none can be made there.
Kind = Callable[[Callable[[], float], str, int, Sequence[int]], Change | None]


def sound_kind(confusions: SoundConfusions, near: bool) -> Kind:
    """Replaces the character by one of the same sound, or (``near``) of a similar one."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        return _replaced(draw, place, confusions.at(sentence, place)[near])

    return change


def shape_kind(confusions: ShapeConfusions) -> Kind:
    """Replaces the character by one that looks like it."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        return _replaced(draw, place, confusions.of(sentence[place]))

    return change


def _replaced(draw: Callable[[], float], place: int, candidates: Choices) -> Change | None:
    return Change(place, place + 1, candidates.choose(draw())) if candidates else None


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


def in_runs(kind: Kind, lengths: Lengths) -> Kind:
    """Replaces as many characters, one after the other, as ``lengths`` draws, or as can be replaced."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        found = kind(draw, sentence, place, states)
        if found is None:
            return None
        stop = place + lengths.draw(draw())
        while found.end < stop and states[found.end] == FREE:
            more = kind(draw, sentence, found.end, states)
            if more is None:
                break
            found = Change(place, more.end, found.text + more.text)
        return found

    return change


def missing_kind(lengths: Lengths) -> Kind:
    """Leaves characters out, but only beside a Chinese one that is not protected: 3和5 must not become 35."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        start, end = _run(place, lengths.draw(draw()), states)
        if max(states[start - 1], states[end]) < TAKEN or _in_row(sentence, start, end):
            return None
        return Change(start, end, "")

    return change


def repeated_kind(lengths: Lengths) -> Kind:
    """Writes characters twice."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        start, end = _run(place, lengths.draw(draw()), states)
        return None if _in_row(sentence, start, end) else Change(end, end, sentence[start:end])

    return change


def context_kind(lengths: Lengths) -> Kind:
    """Inserts characters of the text around after this one, different from both their new neighbours."""

    def change(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
        length = lengths.draw(draw())
        candidates = [
            text
            for text in _around(sentence, place, length, states)
            if may_stand_between(sentence[place : place + 2], text)
        ]
        if not candidates:
            return None
        return Change(place + 1, place + 1, candidates[int(draw() * len(candidates))])

    return change


def may_stand_between(neighbours: str, text: str) -> bool:
    """Whether a redundant text repeats neither of its neighbours."""
    return text[0] not in neighbours and text[-1] not in neighbours


def swapped(draw: Callable[[], float], sentence: str, place: int, states: Sequence[int]) -> Change | None:
    """Exchanges the character with the following one."""
    if states[place + 1] != FREE or sentence[place] == sentence[place + 1]:
        return None
    return Change(place, place + 2, sentence[place + 1] + sentence[place])


def _around(sentence: str, place: int, length: int, states: Sequence[int]) -> Iterator[str]:
    """Texts of Chinese characters near a place, without those that are protected."""
    for start in range(max(0, place - _AROUND), min(place + _AROUND + 1, len(sentence) - length + 1)):
        if min(states[start : start + length]) >= TAKEN:
            yield sentence[start : start + length]


def _run(place: int, length: int, states: Sequence[int]) -> tuple[int, int]:
    """Start and end of ``length`` free characters from a place on; near the end of a clause also before it.

    They are fewer where there are no more free ones side by side.
    """
    start, end = place, place + 1
    while end - start < length and states[end] == FREE:
        end += 1
    while end - start < length and start and states[start - 1] == FREE:
        start -= 1
    return start, end


def _in_row(sentence: str, start: int, end: int) -> bool:
    """Whether there are three or more equal characters in or around a run: one more and one less would cancel out."""
    around = sentence[max(0, start - 2) : end + 2]
    return any(character * 3 in around for character in sentence[start:end])
