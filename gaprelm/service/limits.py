"""The limits of one request, and the answer to a request that exceeds them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# In JSON a character takes up to 12 bytes (two escaped UTF-16 units). The second number is room for the options, such
# as protected words.
_BYTES_A_CHARACTER, _BYTES_OF_OPTIONS = 12, 1 << 20

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class RefusedError(Exception):
    """A request that is refused.

    status: of HTTP.
    code: a stable word for programs.
    detail: for people: what was found, what is expected, and what to do.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail

    def as_dict(self) -> dict[str, str]:
        """The body of the answer."""
        return {"code": self.code, "detail": self.detail}


@dataclass(frozen=True)
class Limits:
    """Limits of one request; lengths in characters (code points).

    max_texts: how many texts.
    max_length: length of one text.
    max_characters: length of all texts together.
    """

    max_texts: int = 1000
    max_length: int = 20_000
    max_characters: int = 100_000

    @property
    def max_body(self) -> int:
        """How many bytes a request's body may have: as many as a request within the other limits can need."""
        return self.max_characters * _BYTES_A_CHARACTER + _BYTES_OF_OPTIONS

    def check(self, texts: Sequence[str]) -> None:
        """Check the texts of a request against the limits.

        Raises:
            RefusedError: there are too many texts, one is too long, or all together are (status 413); a text holds half
                of a surrogate pair (422).
        """
        if len(texts) > self.max_texts:
            raise RefusedError(
                413,
                "too_many_texts",
                f"{len(texts)} texts; at most {self.max_texts} are allowed in one request: send several requests",
            )
        for index, text in enumerate(texts):
            if len(text) > self.max_length:
                raise RefusedError(
                    413,
                    "text_too_long",
                    f"texts[{index}] has {len(text)} characters; at most {self.max_length} are allowed: cut it at "
                    "line or sentence ends",
                )
            if _LONE_SURROGATE.search(text):
                detail = f"texts[{index}] holds half of a surrogate pair, which is not text: send the whole pair"
                raise RefusedError(422, "not_unicode", detail)
        total = sum(map(len, texts))
        if total > self.max_characters:
            raise RefusedError(
                413,
                "too_many_characters",
                f"{total} characters altogether; at most {self.max_characters} are allowed: send the texts in "
                "several requests",
            )
