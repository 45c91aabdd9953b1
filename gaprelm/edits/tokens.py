"""Texts to tokens, as ChERRANT at character level sees them."""

from __future__ import annotations

from functools import cache

NO_ERROR = "没有错误"
NOT_ANNOTATED = "无法标注"
# The mark of MuCGEC for a missing constituent nobody can guess: one token, all other tokens are single characters.
MISSING_CONSTITUENT = "[缺失成分]"


def without_blanks(text: str) -> str:
    """The text without white space of any kind (U+3000 included), which ChERRANT takes out before everything else."""
    return "".join(text.split())


def tokens_of(text: str) -> list[str]:
    """One token a code point; ``MISSING_CONSTITUENT`` is one token."""
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
    """Traditional characters turned into simplified ones (OpenCC, ``t2s``)."""
    return text if text.isascii() else _converter().convert(text)
