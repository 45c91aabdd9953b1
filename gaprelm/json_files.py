"""Reads JSON files, with errors that name the file, and writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gaprelm.errors import GapReLMError, InputError
from gaprelm.textio import open_stream, write_bytes


def read_json(path: Path, cure: str = "get or make the file again", error: type[GapReLMError] = InputError) -> Any:
    """The value that a file holds; ``.gz`` and ``.xz`` are decompressed.

    Args:
        cure: for the message, if the content is not JSON.
        error: the class of the errors.

    Raises:
        GapReLMError: (of the class ``error``) the file is missing, empty, damaged, or not JSON in UTF-8.
    """
    try:
        with open_stream(path) as stream:
            return json.loads(stream.read().decode("utf-8"))
    except InputError as found:
        raise error(str(found)) from found
    except (ValueError, RecursionError) as found:  # not UTF-8, not JSON, nested too deeply
        raise error(f"{path} is not JSON: {found}\n  cure: {cure}") from found


def write_json(path: Path, value: Any, indent: int | None = 2) -> None:
    """Write JSON that people can read, whole or not at all."""
    write_bytes(path, json_bytes(value, indent))


def json_bytes(value: Any, indent: int | None = 2) -> bytes:
    """The bytes that ``write_json`` writes."""
    # A file name that is not UTF-8 comes as lone surrogates, and their backslash form is JSON's own escape.
    return json_text(value, indent).encode("utf-8", "backslashreplace")


def json_text(value: Any, indent: int | None = 2) -> str:
    """The text that ``write_json`` writes: Chinese unescaped, a line end last; ``indent`` None puts all on one line."""
    return json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
