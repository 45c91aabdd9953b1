"""Splits texts into tokens as ChERRANT does at character level."""

from __future__ import annotations

from functools import cache

NO_ERROR = "没有错误"
NOT_ANNOTATED = "无法标注"
# MuCGEC's marker for a missing constituent that cannot be guessed. It is one token; all others are single characters.
MISSING_CONSTITUENT = "[缺失成分]"


def without_blanks(text: str) -> str:
    """The text without any white space (U+3000 too), which ChERRANT removes first."""
    return "".join(text.split())


def tokens_of(text: str) -> list[str]:
    """One token per code point; ``MISSING_CONSTITUENT`` is one token."""
    if MISSING_CONSTITUENT not in text:
        return list(text)
    first, *others = text.split(MISSING_CONSTITUENT)
    tokens = list(first)
    for part in others:
        tokens += [MISSING_CONSTITUENT, *part]
    return tokens


@cache
def _converter():
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text with traditional characters turned into simplified ones (OpenCC, ``t2s``)."""
    return text if text.isascii() else _converter().convert(text)
