"""The command line: ``gaprelm COMMAND``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from gaprelm.cli.commands import check, correct, corrupt, export, info, m2, noise, resources, score, serve
from gaprelm.cli.options import STANDARD_OUTPUT
from gaprelm.cli.streams import prepare_streams
from gaprelm.errors import run_command
from gaprelm.textio import naming
from gaprelm.version import __version__


def entry() -> int:
    """Run the command of this process; returns its exit code."""
    prepare_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue]  # TextIO lacks it
    try:
        code = run_command(_flushed)
    except BrokenPipeError:  # the reader has enough (gaprelm … | head), so nothing is wrong
        code = 0
    try:
        sys.stdout.flush()
    except OSError:
        # Python must not try once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _flushed() -> int:
    """As ``main``, until all output has been handed on: only then an exit code of 0 is true."""
    try:
        code = main(sys.argv[1:])
    except SystemExit as end:  # of the parser: --help, or wrong usage
        code = end.code if isinstance(end.code, int) else 0
    with naming(STANDARD_OUTPUT):
        sys.stdout.flush()
    return code


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    args = _parser().parse_args(arguments)
    try:
        return args.run(args)
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gaprelm", description="Correction of Chinese text.")
    parser.add_argument("--version", action="version", version=f"gaprelm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (correct, serve, export, info, score, m2, check, corrupt, noise, resources):
        command.add(commands)
    return parser
