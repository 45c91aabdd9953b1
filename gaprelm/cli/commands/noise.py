"""``gaprelm noise fit``: statistics of the errors in real pairs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.cli.options import output_file, write_output
from gaprelm.edits.alignment import LONGEST_ALIGNED
from gaprelm.errors import InputError

if TYPE_CHECKING:
    from gaprelm.data.records import Record

_WITHOUT = "sentences of --without"
_TOO_LONG = f"pairs of more than {LONGEST_ALIGNED:,} characters"


def add(commands: Any) -> None:
    """Add the command and what it does to the parser."""
    parser = commands.add_parser("noise", help="statistics of errors", description="Statistics of errors.")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser(
        "fit",
        help="learn from real pairs which errors people make",
        description="Count which characters are confused, missing, redundant and swapped, alone or in runs, which "
        "marks are mistaken, how many errors sentences have, and how many sentences have none, for noise.statistics "
        "in config.yaml. Exit code 1: bad records were left out.",
    )
    action.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="annotated data; A+B for a file and its partner; -: standard input",
    )
    action.add_argument(
        "-o", "--output", metavar="FILE", type=output_file, required=True, help="a JSON file; -: standard output"
    )
    action.add_argument("--format", default="auto", help="a format of docs/use/formats.md (default: auto)")
    action.add_argument(
        "--without",
        metavar="FILE",
        nargs="+",
        default=[],
        help="sentences, one a line, that must not be learned from, such as those of test sets",
    )
    action.add_argument(
        "--part",
        metavar="K-M/N",
        help="of every N sentences of each file only the K-th to the M-th, like part in config.yaml; "
        "2-10/10 leaves out the tenth that part: 1/10 makes a dev set",
    )
    action.add_argument(
        "--on-bad-record", choices=("error", "skip"), default="error", help="default: error, which stops"
    )
    action.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from gaprelm.data.fingerprints import fingerprint
    from gaprelm.noise.statistics import fit
    from gaprelm.pipes import keep
    from gaprelm.textio import read_lines, sound_lines

    names = keep([*args.files, *args.without])
    files, lists = names[: len(args.files)], names[len(args.files) :]
    lines = (line for name in lists for line in sound_lines(read_lines(Path(name)), "convert the file"))
    without = {fingerprint(line.text) for line in lines if line.text}
    left_out = {"bad records": 0, _TOO_LONG: 0}
    if args.without:
        left_out = {_WITHOUT: 0} | left_out
    statistics = fit(_pairs(files, args, without, left_out))
    errors = statistics.errors
    if not sum(errors.values()):
        raise InputError(f"{', '.join(files)}: no error in the pairs\n  cure: give pairs of which some have errors")
    write_output(args.output, [statistics.as_json().encode()])
    counts = ", ".join(f"{count} {name}" for name, count in errors.items())
    sys.stderr.write(f"{statistics.sentences} pairs, {statistics.with_error} with errors: {counts}\n")
    for what, count in left_out.items():
        # Shown for --without even where the count is 0, because then it may be the wrong file.
        if count or what == _WITHOUT:
            sys.stderr.write(f"left out: {count} {what}\n")
    return 1 if left_out["bad records"] else 0


def _pairs(
    files: list[str], args: argparse.Namespace, without: set[int], left_out: dict[str, int]
) -> Iterator[tuple[str, list[str]]]:
    """Sources and references of all files. Pairs that are left out are counted."""
    from gaprelm.data.fingerprints import fingerprint
    from gaprelm.data.sources import selected

    for path in files:
        for record in selected(_records(path, args, left_out), args.part):
            if without and any(fingerprint(text) in without for text in (record.source, *record.targets)):
                left_out[_WITHOUT] += 1
            elif max(map(len, (record.source, *record.targets[:1]))) > LONGEST_ALIGNED:
                left_out[_TOO_LONG] += 1
            else:
                yield record.source, record.targets


def _records(path: str, args: argparse.Namespace, left_out: dict[str, int]) -> Iterator[Record]:
    """The good records of a file."""
    from gaprelm.data.readers import read_records
    from gaprelm.data.records import Record

    for item in read_records(path, args.format):
        if isinstance(item, Record):
            yield item
        elif args.on_bad_record == "error" and not item.warning:
            raise InputError(f"{item}\n  cure: mend the record, or use --on-bad-record skip")
        else:
            left_out["bad records"] += not item.warning
