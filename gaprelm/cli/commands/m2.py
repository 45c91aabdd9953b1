"""``gaprelm m2``: sentences and their targets to an M2 file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gaprelm.cli.options import add_extraction, annotator, output_file, with_progress, write_output
from gaprelm.errors import InputError


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "m2",
        help="extract edits into an M2 file",
        description="Extract edits as ChERRANT does, at character level, and write them byte for byte as it does.",
    )
    parser.add_argument(
        "file", metavar="FILE", help="id TAB source TAB target [TAB target …], or JSON; -: standard input"
    )
    parser.add_argument("-o", "--output", metavar="FILE", type=output_file, help="default, or -: standard output")
    add_extraction(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from gaprelm.pipes import keep
    from gaprelm.scoring.cherrant.m2_writing import m2_block
    from gaprelm.scoring.files import is_m2, read_table

    (name,) = keep([args.file])
    path = Path(name)
    if is_m2(path):
        raise InputError(f"{path} is an M2 file already\n  cure: give id TAB source TAB target [TAB …]")
    table = read_table(path)
    pairs = zip(table.sources, table.targets, strict=True)
    sentences = with_progress(annotator(args).annotate(pairs, args.workers), len(table), "sentences")
    write_output(args.output, (m2_block(sentence).encode() for sentence in sentences))
    return 0
