"""When two texts count as the same: after NFKC and without white space. A fingerprint stands for such a text."""

from __future__ import annotations

import hashlib
import unicodedata


def normal_form(text: str) -> str:
    """The text after NFKC and without white space: full width and blanks make no difference, case and script do."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def fingerprint(text: str) -> int:
    """A number below 2 to the power of 64 that two texts share when their normal forms are equal.

    Among ten million different texts the chance that any two share one is 3 in a million.
    """
    return raw_fingerprint(normal_form(text))


def raw_fingerprint(text: str) -> int:
    """The same number for a text as it stands."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
