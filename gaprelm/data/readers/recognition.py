"""Recognises the format of a file by its name and its first lines. Doubtful files are refused, not guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein

from gaprelm.characters import whole_number
from gaprelm.data.readers import excgec, sighan, yaclc
from gaprelm.data.readers.json_document import JsonDocument
from gaprelm.data.readers.lang8 import has_count
from gaprelm.data.readers.not_sentences import not_sentences
from gaprelm.data.readers.partners import files_of, first_file, split_path
from gaprelm.edits.tokens import MISSING_CONSTITUENT, NO_ERROR, NOT_ANNOTATED
from gaprelm.errors import InputError, shown
from gaprelm.header_rows import is_header
from gaprelm.textio import read_start, without_compression

AUTO = "auto"
_START = 1 << 16
_ROWS = 200
_JSON_KEYS = {"mucgec": {"source"}, "sighan": sighan.KEYS, "excgec": excgec.KEYS, "yaclc": yaclc.KEYS}
_SGML = re.compile(r"<(ESSAY|DOC|TEXT|PASSAGE)\b")
_M2_LINE = re.compile(r"A -?\d+ -?\d+\|\|\||T\d+(-A\d+)? ")

# Of CGED, whose texts have ids where SIGHAN's TEXT has none.
_CGED = re.compile(r"<(SENTENCE|TEXT)\s+id\s*=|<ERROR\b")
# A line that is a tag and nothing else.
_TAG = re.compile(r"\s*<[/?!]?[A-Za-z][^<>]*>\s*")


# An id as most tables have it, or as (sid=…) of CGED, (id=…) of CLTC and pid=… of CTC 2021.
_NAME = re.compile(r"[\w.:-]{1,64}|\(?[A-Za-z]*id *= *[\w.:-]{1,64}\)?", re.ASCII | re.IGNORECASE)


class Recognition(NamedTuple):
    """A format and what it was recognised by."""

    format: str
    reason: str


def recognise(path: str) -> Recognition:
    """The format of a file, or of ``A+B``, a file and its partner.

    The extension decides: ``.tsv`` is a table and never plain text, ``.json`` and ``.jsonl`` are JSON, ``.m2`` is M2.

    Raises:
        InputError: the file cannot be read, or its format is unknown.
    """
    files = files_of(path)
    given_partner, main = len(files) == 2, Path(files[0])
    start = read_start(main, _START)
    if "\r" in start.rstrip("\r") and "\n" not in start:
        raise InputError(
            f"{main}:1: found carriage returns alone as line ends; expected line feeds\n"
            "  cure: convert them with: tr '\\r' '\\n'"
        )
    lines = [line for line in start.removesuffix("\n").split("\n") if line.strip()]
    if len(start.encode()) >= _START:
        lines = lines[:-1] or lines
    suffix = without_compression(main).suffix.lower()
    if (suffix in (".json", ".jsonl") or lines) and (found := _marked(main, lines, suffix)):
        return found
    if first_file(main):
        return Recognition("sighan", "the second file of a pair")
    if lines and (other := not_sentences(lines)):
        raise InputError(f"{path}:1: found {shown(lines[0])}, {other.what}; expected sentences\n  cure: {other.cure}")
    with_tabs = any("\t" in line for line in lines)
    named = without_compression(main).stem.endswith("_error") and not with_tabs
    if suffix != ".tsv" and (given_partner or named or split_path(path, "parallel")[1]):
        return Recognition("sighan", "a text with its corrections in a second file")
    rows = [line.removesuffix("\r").split("\t") for line in lines[:_ROWS]]
    if len(rows) > 1 and is_header(rows[0]):
        rows = rows[1:]  # its reader says that it is left out
    if suffix in (".tsv", ".para") or _most(rows, lambda row: len(row) > 1):
        return _table(rows)
    return Recognition("clean", "lines without tabs")


def _marked(path: Path, lines: Sequence[str], suffix: str) -> Recognition | None:
    """The format of files whose content shows what they are."""
    first = lines[0].lstrip() if lines else ""
    json_name = suffix in (".json", ".jsonl")
    if (json_name or first[:1] in ("[", "{")) and (found := _json(path, first, json_name)):
        return found
    if first[:1] == "<" and any(_CGED.search(line) for line in lines):
        return Recognition("cged", "SGML tags of CGED")
    if suffix == ".sgml" or (first[:1] == "<" and any(_SGML.search(line) for line in lines)):
        return Recognition("sighan", "SGML tags")
    if re.match(r"<(!doctype )?html", first, re.IGNORECASE):
        raise InputError(f"{path}:1: found an HTML page; expected data\n  cure: fetch the file again")
    if first[:1] == "<" and _TAG.fullmatch(lines[0]):
        raise InputError(
            f"{path}:1: found {shown(lines[0])}, a tag of no known format; expected sentences\n"
            "  cure: turn the file into a table (id TAB source TAB reference), or name its format"
        )
    if suffix == ".csv":
        raise InputError(f"{path}: found a .csv file; expected columns split by tabs\n  cure: save it as .tsv")
    m2_lines = any(_M2_LINE.match(line) for line in lines)
    if _most(lines, lambda line: line.startswith("S ") and _is_spaced(line)):
        m2_lines = True  # only correct sentences
    if ".m2" in path.name or (m2_lines and (first.startswith("S ") or _M2_LINE.match(first))):
        return Recognition("m2", "S and A lines")
    if sighan.TEST_INPUT.match(first):
        return Recognition("sighan", "(pid=…) or (NID=…) at the start of the line")
    return None


def _json(path: Path, first_line: str, must_be: bool) -> Recognition | None:
    """The format whose keys the first object has; None if the file is not JSON and its name does not say that it is."""
    document = JsonDocument(path)
    if document.peek() not in ("[", "{"):
        if not must_be:
            return None
        found = "HTML or XML" if document.peek() == "<" else "something else"
        raise InputError(
            f"{path}:{document.line}: this is not JSON, it looks like {found}; expected [ or {{\n  cure: fetch it again"
        )
    try:
        if document.peek() == "[":
            document.skip("[")
        value = document.value()
    except InputError:
        if must_be and document.peek() == "{" and first_line.rstrip().endswith("}"):
            return Recognition("mucgec", "JSON Lines")  # the reader names what is wrong in which line
        if must_be:
            raise
        return None
    return _json_format(path, value, must_be)


def _json_format(path: Path, value: Any, must_be: bool) -> Recognition | None:
    keys = set(value) if isinstance(value, dict) else set()
    for name, wanted in _JSON_KEYS.items():
        if keys & wanted:
            return Recognition(name, f'JSON objects with "{min(keys & wanted)}"')
    members = list(value.values()) if isinstance(value, dict) else []
    if members and all(isinstance(member, dict) and "sentence" in member for member in members):
        return Recognition("fcgec", 'a JSON object of objects with "sentence"')
    if not must_be and not keys:
        return None
    found = f"an object with the keys {', '.join(sorted(keys))}" if keys else shown(value)
    expected = "; ".join(f"{name}: {' or '.join(sorted(wanted))}" for name, wanted in _JSON_KEYS.items())
    raise InputError(
        f"{path}:1: found {found}; expected a list (a JSON array) of objects, or one object per line, with keys of a "
        f"known format ({expected})\n  cure: rename the keys to source and target, or see docs/use/formats.md"
    )


def _table(rows: Sequence[Sequence[str]]) -> Recognition:
    """The format of a table, as most of its first rows show it."""
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    rows = [row for row in rows if len(row) > 1]
    if _most(rows, has_count):
        return Recognition("lang8", "column 2 counts the columns behind the third")
    if width == 2:
        if _most(rows, lambda row: all(map(_is_spaced, row[:2]))):
            return Recognition("lemon", "two columns with a blank between all characters")
        if _most(rows, lambda row: _is_name(row[0]) and not _is_name(row[1])):
            return Recognition("mucgec", "id and source by tabs")
    elif width > 2:
        if _most(rows, _counts_errors):
            return Recognition("ecspell", "column 1 counts the wrong characters")
        if _most([row for row in rows if len(row) > 2], _has_references):
            return Recognition("mucgec", "id, source and references by tabs")
    return Recognition("parallel", "source and target by tabs")


def _most(rows: Sequence[Any], holds: Callable[[Any], Any]) -> bool:
    """Whether ``holds`` is true of nearly all rows; a few may be broken."""
    return bool(rows) and sum(map(bool, map(holds, rows))) >= 0.8 * len(rows)


def _is_spaced(text: str) -> bool:
    tokens = text.strip().split(" ")
    return len(text.strip()) > 1 and sum(len(token) <= 1 for token in tokens) >= 0.9 * len(tokens) and len(tokens) > 1


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text.strip()))


def _counts_errors(row: Sequence[str]) -> bool:
    return len(row) == 3 and whole_number(row[0].strip()) == sum(a != b for a, b in zip(row[1], row[2], strict=False))


def _has_references(row: Sequence[str]) -> bool:
    """Whether most columns from the third on resemble the second or are markers."""
    references = [text for text in row[2:] if text.strip()]
    return 2 * sum(_resembles(text, row[1]) for text in references) > len(references)


def _resembles(reference: str, source: str) -> bool:
    reference = reference.replace(MISSING_CONSTITUENT, "")
    return reference in (NO_ERROR, NOT_ANNOTATED) or Levenshtein.normalized_similarity(source, reference) >= 0.3
