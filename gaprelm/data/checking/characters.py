"""Characters that are seldom meant: invisible ones, control characters, traces of broken bytes."""

from __future__ import annotations

import re
import unicodedata

# Control characters (but not tabs and line feeds, which texts in JSON may hold), separators at which str.splitlines
# would cut, zero-width and direction marks, the replacement character, private use.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufffd\ue000-\uf8ff]"
)
_CONTROL_NAMES = {"\x07": "BEL", "\x0b": "VT", "\x0c": "FF", "\r": "CR", "\x1b": "ESC", "\x1c": "FS", "\x85": "NEL"}


def odd_characters(text: str) -> list[str]:
    """Names of the odd characters of a text, each once, as ``U+200B ZERO WIDTH SPACE``."""
    return [f"U+{ord(c):04X} {_name(c)}" for c in dict.fromkeys(_ODD.findall(text))]


def _name(character: str) -> str:
    if "\ue000" <= character <= "\uf8ff":
        return "PRIVATE USE"
    return unicodedata.name(character, _CONTROL_NAMES.get(character, "CONTROL"))
