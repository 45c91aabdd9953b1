"""Classes of characters, by code point and beyond U+FFFF too; and numbers written in ASCII digits."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HAN_RANGES = (
    (0x3007, 0x3007),  # 〇
    (0x3400, 0x4DBF),  # Extension A
    (0x4E00, 0x9FFF),  # Unified Ideographs
    (0xF900, 0xFAFF),  # Compatibility Ideographs
    (0x20000, 0x2FA1F),  # Extensions B to F, Compatibility Supplement
    (0x30000, 0x323AF),  # Extensions G and H
)

# The same as a class for regular expressions.
HAN_CLASS = "[" + "".join(f"{chr(low)}-{chr(high)}" for low, high in _HAN_RANGES) + "]"

SENTENCE_ENDS = "。！？!?…；;\n"
PAUSES = "，,、：: "
# A sentence keeps all its end marks and the quotes and brackets that close after them.
_SENTENCE = re.compile(f"[^{SENTENCE_ENDS}]*[{SENTENCE_ENDS}]*[”’」』）)》]*")

HAN, PUNCTUATION, ASCII_PUNCTUATION = "han", "punctuation", "ascii_punctuation"
LATIN, DIGITS, BLANKS, OTHER = "latin", "digits", "blanks", "other"
CLASSES = (HAN, PUNCTUATION, ASCII_PUNCTUATION, LATIN, DIGITS, BLANKS, OTHER)
# Marks of Chinese text that Unicode keeps outside its blocks of CJK punctuation and full-width forms.
_SHARED_MARKS = frozenset("“”‘’…—–―·•‧・～")
_MARK_RANGES = (
    (0x3001, 0x303F),  # CJK symbols and punctuation, without the ideographic space
    (0xFE10, 0xFE1F),  # vertical forms
    (0xFE30, 0xFE4F),  # compatibility forms
    (0xFF01, 0xFF65),  # full-width forms; their letters and digits are tested before
)


def is_han(character: str) -> bool:
    """Whether one code point is a Chinese character, of any extension."""
    code = ord(character)
    return any(low <= code <= high for low, high in _HAN_RANGES)


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its end marks; joined they give ``text`` back."""
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


@lru_cache(maxsize=1 << 16)
def class_of(character: str) -> str:
    """The class of one code point, a member of ``CLASSES``.

    ``punctuation`` is Chinese punctuation and full-width marks; ``latin`` and ``digits`` include full-width forms;
    ``blanks`` is all white space, line ends too; ``other`` is the rest: emoji, symbols, kana, control characters.
    """
    if is_han(character):
        return HAN
    if character.isspace():
        return BLANKS
    if unicodedata.category(character) == "Nd":
        return DIGITS
    if "LATIN" in unicodedata.name(character, "").split()[:2]:
        return LATIN
    if character.isascii():
        return ASCII_PUNCTUATION if character.isprintable() else OTHER
    code = ord(character)
    if character in _SHARED_MARKS or any(low <= code <= high for low, high in _MARK_RANGES):
        return PUNCTUATION
    return OTHER


_MOST_DIGITS = 9


def whole_number(text: str) -> int | None:
    """The number that ASCII digits stand for; None for other text, and for more digits than any place or count has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None
