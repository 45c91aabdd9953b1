"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gaprelm.errors import printable
from gaprelm.json_files import json_text

if TYPE_CHECKING:
    from tqdm import tqdm

    from gaprelm.scoring.cherrant.annotation import Annotator

T = TypeVar("T")
# In messages.
STANDARD_OUTPUT = "standard output"


def positive(text: str) -> int:
    """A whole number of at least 1, or the parser's error."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return int(text)


def output_file(text: str) -> Path | None:
    """Where results go; ``-`` is standard output, as for input.

    A name that promises compressed data is the parser's error: what is written is plain, and would be read as damaged.
    """
    if text.endswith((".gz", ".xz", ".bz2", ".zip")):
        raise argparse.ArgumentTypeError(
            f"{text!r}: the output is not compressed; leave the ending out, or write to a pipe: … | gzip > {text}"
        )
    return None if text == "-" else Path(text)


def write_output(output: Path | None, rows: Iterable[bytes]) -> None:
    """The rows to a file, whole or not at all; None is standard output, where they appear as they come."""
    from gaprelm.textio import naming, replacing

    if output is None:
        with naming(STANDARD_OUTPUT):
            sys.stdout.buffer.writelines(rows)
        return
    with replacing(output) as temporary, temporary.open("wb") as handle:
        handle.writelines(rows)


def add_extraction(parser: argparse.ArgumentParser) -> None:
    """How edits are extracted from sentences."""
    group = parser.add_argument_group("extraction of edits")
    group.add_argument(
        "--resources",
        metavar="DIR",
        help="folder with the data of the substitution cost (see 'gaprelm resources'; default: $GAPRELM_RESOURCES)",
    )
    group.add_argument("--first", action="store_true", help="the first cheapest alignment only, not all")
    group.add_argument("--keep-traditional", action="store_true", help="do not turn targets into simplified script")
    group.add_argument("--workers", type=positive, default=1, metavar="N", help="processes (default: 1)")


def annotator(args: argparse.Namespace) -> Annotator:
    """The annotator that the options ask for; says so where there are no resources."""
    from gaprelm.scoring.cherrant.annotation import Annotator
    from gaprelm.scoring.cherrant.resources import ENVIRONMENT_VARIABLE, Resources

    directory = args.resources or os.environ.get(ENVIRONMENT_VARIABLE)
    if not directory:
        sys.stderr.write(
            "note: no --resources: substitutions cost what readings say alone, so a few edits are placed otherwise\n"
            "than by the official tool (docs/use/scoring.md)\n"
        )
    return Annotator(Resources.load(directory), args.first, args.keep_traditional)


def progress_bar(total: int | None, beside_output: bool) -> tqdm:
    """A bar of bytes on stderr where a person looks at it, and not in between results on the same terminal.

    Args:
        total: bytes; None where nobody knows.
        beside_output: whether results go to standard output.
    """
    from tqdm import tqdm

    hidden = not sys.stderr.isatty() or (beside_output and sys.stdout.isatty())
    return tqdm(total=total, unit="B", unit_scale=True, leave=False, disable=hidden)


def with_progress(items: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The items, with a bar on stderr where a person looks at it."""
    if not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm

    yield from tqdm(items, total=total, unit=f" {what}", leave=False)


def print_json(document: dict[str, Any]) -> None:
    """One document on standard output; what could steer a terminal is escaped."""
    sys.stdout.write(printable(json_text(document)))
