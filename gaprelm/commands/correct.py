"""``gaprelm correct``: text in, corrected text out, line for line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gaprelm.commands.options import positive
from gaprelm.errors import ConfigurationError, InputError

_THRESHOLD_HELP = "make edits from this confidence on: 0.7 for all types, or replace=0.7 (can be given several times)"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "correct", help="correct text, line for line", description="Correct files, or standard input, line for line."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="text files (default: standard input)")
    parser.add_argument("--model", required=True, metavar="DIR", help="a best_stage_* directory")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="default: text")
    parser.add_argument("--threshold", action="append", default=[], metavar="[TYPE=]VALUE", help=_THRESHOLD_HELP)
    parser.add_argument("--operating-point", choices=("f0.5", "f1", "f2"), help="default: the one it was trained for")
    parser.add_argument("--batch-size", type=positive, default=32, help="sentences a forward pass (default: 32)")
    parser.add_argument("--device", help="cpu or cuda (default: a GPU where there is one)")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    thresholds = _thresholds(args.threshold)
    for name in args.files:
        # A missing file is an error before the first line is written, never text to be corrected.
        if not Path(name).is_file():
            what = "is a directory" if Path(name).is_dir() else "no such file"
            raise InputError(f"{name}: {what}\n  cure: name text files, or give the text on standard input")
    from gaprelm.corrector import Corrector

    corrector = Corrector.from_pretrained(
        args.model,
        device=args.device,
        thresholds=thresholds,
        operating_point=args.operating_point,
        batch_size=args.batch_size,
    )
    output = sys.stdout.buffer
    lines = _lines(args.files)
    window = 1 if sys.stdin.isatty() and not args.files else 1024
    for correction, end in corrector.correct_with(lines, window=window):
        if args.format == "jsonl":
            output.write(json.dumps(correction.as_dict(), ensure_ascii=False).encode() + b"\n")
        else:
            output.write(correction.target.encode() + end)
        output.flush()
    return 0


def _thresholds(options: Sequence[str]) -> dict[str, float]:
    """Thresholds by edit type; a plain value sets all."""
    thresholds: dict[str, float] = {}
    types = ("replace", "insert", "delete")
    for option in options:
        name, equals, text = option.rpartition("=")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1 or (equals and name not in types):
            raise ConfigurationError(
                f"--threshold {option}; expected a number from 0 to 1, or TYPE=NUMBER with one of {', '.join(types)}"
            )
        thresholds |= {name: value} if equals else dict.fromkeys(types, value)
    return thresholds


def _lines(files: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Lines with their own line ends, so that they can be written back byte for byte.

    Raises:
        InputError: a line is not UTF-8.
    """
    for name in files or ["-"]:
        with sys.stdin.buffer if name == "-" else Path(name).open("rb") as stream:
            for number, raw in enumerate(stream, 1):
                body = raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw
                try:
                    yield body.decode("utf-8"), raw[len(body) :]
                except UnicodeDecodeError as error:
                    where = "standard input" if name == "-" else name
                    raise InputError(
                        f"{where}:{number}: found byte {raw[error.start]:#04x} at offset {error.start} of the line, "
                        "which is not valid UTF-8\n  cure: convert the text first (iconv -t UTF-8)"
                    ) from error
