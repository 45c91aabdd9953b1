"""Slots: the places of a text where an edit can be made, numbered from left to right.

A text of n characters has 2n + 1 slots: gap 0, character 0, gap 1, character 1, …, gap n. An atomic edit has exactly
one slot: an insertion its gap, a replacement or a deletion its character.
"""

from __future__ import annotations

from gaprelm.edits.edit import Edit


def gap_slot(gap: int) -> int:
    """The slot of the gap before character ``gap``."""
    return 2 * gap


def character_slot(index: int) -> int:
    """The slot of a character."""
    return 2 * index + 1


def slot_of(edit: Edit) -> int:
    """The slot of an atomic edit."""
    return gap_slot(edit.start) if edit.start == edit.end else character_slot(edit.start)


def edit_at(slot: int, text: str) -> Edit:
    """The edit that writes ``text`` at a slot: into a gap, or in place of a character."""
    place = slot // 2
    return Edit(place, place + slot % 2, text)


def open_slots(length: int) -> bytearray:
    """A flag for each slot of a text of ``length`` characters, none of them set."""
    return bytearray(2 * length + 1)


def close_span(closed: bytearray, start: int, end: int) -> None:
    """Set the flags of the characters from ``start`` to ``end`` (exclusive), and of the gaps between them."""
    closed[character_slot(start) : gap_slot(end)] = b"\1" * (gap_slot(end) - character_slot(start))
