"""Docstrings of this package, for the Python reference.

Dataclasses and named tuples describe their fields in a paragraph of lines ``name: text``. Griffe knows sections only,
so such a paragraph becomes an ``Attributes:`` section, or ``Args:`` in a function.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

_FIELD = re.compile(r"[a-z]\w*(, [a-z]\w*)*: \S")
_TITLES = {"class": "Attributes:", "function": "Args:"}


class DocstringFields(Extension):
    """Turns paragraphs of fields into sections."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        title = _TITLES.get(obj.kind.value)
        if title and obj.docstring:
            obj.docstring.value = with_sections(obj.docstring.value, title)


def with_sections(text: str, title: str) -> str:
    """``text`` with each paragraph of fields as a section with that ``title``."""
    return "\n\n".join(_section(part, title) if _is_fields(part) else part for part in text.split("\n\n"))


def _is_fields(paragraph: str) -> bool:
    lines = paragraph.splitlines()
    return bool(lines) and bool(_FIELD.match(lines[0])) and all(_FIELD.match(x) or x[:4] == "    " for x in lines)


def _section(paragraph: str, title: str) -> str:
    return "\n".join([title, *(f"    {line}" for line in paragraph.splitlines())])
