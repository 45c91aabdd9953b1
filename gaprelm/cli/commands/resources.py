"""``gaprelm resources``: fetch the data of ChERRANT's substitution cost."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "resources",
        help="fetch the thesaurus and the confusion sets that ChERRANT uses",
        description="Fetch cilin.txt and confusion_dict.txt of the MuCGEC repository, check them, and write "
        "cilin_char_class.tsv and confusion_dict.txt, which score and m2 take with --resources.",
    )
    parser.add_argument("directory", metavar="DIR", type=Path, help="where to write")
    parser.add_argument("--from", dest="address", metavar="ADDRESS", help="other address, or folder, to take from")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from gaprelm.scoring.cherrant.download import PUBLISHED_AT, fetch_resources

    for path in fetch_resources(args.directory, args.address or PUBLISHED_AT):
        sys.stdout.write(f"{path}\n")
    return 0
