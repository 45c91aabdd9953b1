"""How much one request may ask, and what it is told when that is too much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# JSON writes a character as up to 12 bytes (two escaped UTF-16 units); the rest is for options: protected words.
_BYTES_A_CHARACTER, _BYTES_OF_OPTIONS = 12, 1 << 20

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class RefusedError(Exception):
    """A request that is not done: an HTTP status, a stable code for programs, and words for people.

    ``detail`` says what was found, what is expected and what to do.
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

    max_texts: texts.
    max_length: of one text.
    max_characters: of all texts together.
    """

    max_texts: int = 1000
    max_length: int = 20_000
    max_characters: int = 100_000

    @property
    def max_body(self) -> int:
        """Most bytes of a request's body: what these limits can need."""
        return self.max_characters * _BYTES_A_CHARACTER + _BYTES_OF_OPTIONS

    def check(self, texts: Sequence[str]) -> None:
        """Refuse what is too much.

        Raises:
            RefusedError: too many texts, one too long, too much altogether (status 413); no Unicode text (422).
        """
        if len(texts) > self.max_texts:
            raise RefusedError(
                413,
                "too_many_texts",
                f"{len(texts)} texts; at most {self.max_texts} are taken at a time: send several requests",
            )
        for index, text in enumerate(texts):
            if len(text) > self.max_length:
                raise RefusedError(
                    413,
                    "text_too_long",
                    f"texts[{index}] has {len(text)} characters; at most {self.max_length} are taken: cut it at line "
                    "or sentence ends",
                )
            if _LONE_SURROGATE.search(text):
                detail = f"texts[{index}] holds half of a surrogate pair, which is no Unicode text: send it whole"
                raise RefusedError(422, "not_unicode", detail)
        total = sum(map(len, texts))
        if total > self.max_characters:
            raise RefusedError(
                413,
                "too_many_characters",
                f"{total} characters altogether; at most {self.max_characters} are taken at a time: send the texts in "
                "several requests",
            )
