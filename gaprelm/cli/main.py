"""The command line: ``gaprelm COMMAND``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gaprelm.cli.commands import check, correct, corrupt, export, info, m2, noise, resources, score, serve
from gaprelm.errors import run_command
from gaprelm.version import __version__


def entry() -> int:
    """Entry point of the installed command."""
    if sys.stdin is None:  # the caller closed it, so there is nothing to read
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # the caller closed it
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="backslashreplace")
    code = run_command(lambda: main(sys.argv[1:]))
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has enough (gaprelm … | head). Nothing is wrong, but Python must not flush once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
