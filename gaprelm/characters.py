"""Classes of characters, by code point and in full (also the planes above U+FFFF)."""

from __future__ import annotations

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


def is_han(character: str) -> bool:
    """Whether one code point is a Chinese character, of any extension."""
    code = ord(character)
    return any(low <= code <= high for low, high in _HAN_RANGES)
