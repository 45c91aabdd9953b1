"""When two texts count as the same: after NFKC, without white space and invisible characters. A fingerprint stands for
such a text.
"""

from __future__ import annotations

import hashlib
import unicodedata

# Soft hyphen, zero-width and direction marks, byte-order mark, control characters that are not white space.
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF, *range(0x09), *range(0x0E, 0x1C), 0x7F])


def normal_form(text: str) -> str:
    """The text after NFKC, without white space and invisible characters; case and script make a difference."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


def fingerprint(text: str) -> int:
    """A number below 2 to the power of 64, the same for two texts whose normal forms are equal.

    Among ten million different texts the chance that any two share one is 3 in a million.
    """
    return raw_fingerprint(normal_form(text))


def raw_fingerprint(text: str) -> int:
    """The same, for the text as it is instead of its normal form."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
