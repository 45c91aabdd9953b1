"""``gaprelm check``: shows what is wrong with data files before a model is trained on them."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gaprelm.cli.options import positive, print_json
from gaprelm.errors import EXIT_BAD_INPUT

_EXIT_CODES = {"clean": 0, "warnings": 1, "errors": EXIT_BAD_INPUT}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        help="check data files",
        description="Every problem with its line and reason, counts, lengths, edits, what would be left out of "
        "training, and overlap with test sets. Exit code 0: clean, 1: warnings only, 2: errors.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a data file or vocabulary; A+B for a file and its partner; -: standard input",
    )
    parser.add_argument(
        "--format", default="auto", help="a format of docs/use/formats.md, or vocabulary (default: auto)"
    )
    parser.add_argument(
        "--test",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE[:FORMAT]",
        help="test sets: sentences of FILE that also stand in them are named",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of text")
    parser.add_argument(
        "--shown", type=positive, default=10, metavar="N", help="how many problems of each kind are shown (default: 10)"
    )
    limits = parser.add_argument_group("limits, as in config.yaml")
    limits.add_argument("--max-insert-num", type=positive, default=3, metavar="N", help="default: 3")
    limits.add_argument("--max-seq-length", type=positive, default=64, metavar="N", help="default: 64")
    limits.add_argument("--max-changed-share", type=_share, default=0.8, metavar="SHARE", help="default: 0.8")
    parser.set_defaults(run=_run)


def _share(text: str) -> float:
    """A number from 0 to 1, or the parser's error."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def _run(args: argparse.Namespace) -> int:
    from gaprelm.data.checking.overlap import TestSet
    from gaprelm.data.checking.report import CheckSettings, check_file
    from gaprelm.data.checking.text import report_lines
    from gaprelm.pipes import keep

    settings = CheckSettings(args.max_insert_num, args.max_seq_length, args.max_changed_share, args.shown)
    names = keep([*args.files, *args.test])
    files, tests = names[: len(args.files)], [TestSet(test) for test in names[len(args.files) :]]
    reports = [check_file(path, args.format, settings, tests) for path in files]
    code = max(_EXIT_CODES[report.findings.status] for report in reports)
    if args.json:
        document = {"files": [report.as_dict() for report in reports], "exit_code": code}
        print_json(document)
        return code
    for report in reports:
        sys.stdout.write("".join(f"{line}\n" for line in report_lines(report)))
    return code
