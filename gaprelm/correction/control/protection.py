"""Where no edit is made: in protected words and patterns, and at characters of classes that are not editable."""

from __future__ import annotations

from gaprelm.characters import class_of
from gaprelm.correction.control.options import Control
from gaprelm.correction.control.slots import close_span, open_slots
from gaprelm.edits.edit import Edit


def protected_slots(text: str, control: Control) -> bytearray:
    """A flag for each slot of ``text`` (see ``slots``), set where the slot lies in a protected word or pattern."""
    closed = open_slots(len(text))
    for start, end, _ in control.protected_terms.find(text):
        close_span(closed, start, end)
    for pattern in control.protected_patterns:
        for match in pattern.finditer(text):
            if match.end() > match.start():
                close_span(closed, *match.span())
    return closed


def has_editable(text: str, control: Control) -> bool:
    """Whether ``text`` holds a character that may be edited; if not, no edit can be made in it."""
    return any(class_of(character) in control.editable for character in text)


def is_editable(text: str, edit: Edit, control: Control) -> bool:
    """Whether all characters that an edit deletes and writes are of editable classes.

    An insertion also needs an editable character beside it, so that nothing is put into a number or an English word.
    """
    touched = text[edit.start : edit.end] + edit.text
    if any(class_of(character) not in control.editable for character in touched):
        return False
    if edit.start < edit.end:
        return True
    return has_editable(text[max(edit.start - 1, 0) : edit.start + 1], control)
