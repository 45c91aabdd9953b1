"""Self-contained HTML pages, without scripts and without network access."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from gaprelm.scoring.tables import shown

_STYLE = """
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 1.5rem; color: #222; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
thead th { background: #f4f4f4; }
.note { color: #666; max-width: 60rem; }
.text { text-align: left; font-size: 17px; }
.right { background: #cdeccd; } .wrong { background: #f8cccc; } .missed { background: #fbe7b2; }
del { color: #a00; } ins { text-decoration: none; font-weight: 600; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole document."""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; cells are escaped, numbers formatted."""
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(shown(cell))}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def note(text: str) -> str:
    """A paragraph in small print."""
    return f'<p class="note">{escape(text)}</p>'
