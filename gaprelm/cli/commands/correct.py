"""``gaprelm correct``: corrects text line for line."""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from typing import TYPE_CHECKING, Any

from gaprelm.cli.control_options import add_control, control_of
from gaprelm.cli.input_lines import STANDARD_INPUT, InputLine, check_files, check_text, read_input, total_bytes
from gaprelm.cli.model_options import add_model, load_corrector
from gaprelm.cli.options import STANDARD_OUTPUT, output_file, progress_bar
from gaprelm.cli.output_formats import FORMATS, header, is_terminal, renderer, wants_colour
from gaprelm.cli.resumable_output import ResumableOutput, check_output
from gaprelm.errors import EXIT_WARNINGS
from gaprelm.json_files import json_bytes
from gaprelm.model.checkpoint import weights_hash
from gaprelm.textio import is_regular, naming
from gaprelm.version import __version__

if TYPE_CHECKING:
    from gaprelm.correction.corrector import Corrector
    from gaprelm.correction.results import Correction

logger = logging.getLogger(__name__)
_WINDOW = 1024


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "correct", help="correct text, line for line", description="Correct files, or standard input, line for line."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="text files (- or no file: standard input)")
    parser.add_argument(
        "-o",
        "--output",
        type=output_file,
        metavar="OUT",
        help="write there (default, or -: standard output); a run that was killed can be continued",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="text: corrected lines (default); jsonl: source, target and edits of each line; tsv: a row for each edit; "
        "diff: changed lines, what goes as [-…-], what comes as {+…+}",
    )
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours of the diff")
    parser.add_argument(
        "--on-bad-line",
        choices=("error", "keep"),
        default="error",
        help="a line that is not UTF-8: end with an error (default), or leave it as it is and end with exit code 1",
    )
    parser.add_argument("--line-buffered", action="store_true", help="answer each line before the next one is read")
    add_model(parser)
    add_control(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    names = args.files or [STANDARD_INPUT]
    control = control_of(args)
    if args.output is not None:
        check_output(args.output)
    check_files(names, decodable=args.on_bad_line == "error")
    corrector = load_corrector(args, control)
    with progress_bar(total_bytes(names), beside_output=args.output is None) as bar:
        lines = _Lines(names, args.on_bad_line == "error", bar)
        if args.output is not None and is_regular(args.output):
            _write_file(args, names, lines, corrector)
        else:
            _write_stream(args, lines, corrector)
    if lines.bad:
        logger.warning("lines that are not UTF-8 and were left as they are: %d", lines.bad)
    return EXIT_WARNINGS if lines.bad else 0


class _Lines:
    """The lines of the input. It counts those that are not UTF-8, and moves the progress bar.

    Args:
        names: of the files.
        strict: a line that is not UTF-8 is an error.
        bar: of bytes.
    """

    def __init__(self, names: list[str], strict: bool, bar: Any) -> None:
        self._strict, self._bar = strict, bar
        self._lines = read_input(names)
        self.bad = 0

    def __iter__(self) -> Iterator[InputLine]:
        for line in self._lines:
            if line.problem:
                if self._strict:
                    check_text(line)
                self.bad += 1
            self._bar.update(len(line.raw))
            yield line


def _corrections(
    lines: Iterator[InputLine], corrector: Corrector, window: int
) -> Iterator[list[tuple[Correction, InputLine]]]:
    """Corrections with their lines, a window at a time."""
    return corrector.correct_windows((("" if line.problem else line.text, line) for line in lines), window=window)


def _write_stream(args: argparse.Namespace, lines: _Lines, corrector: Corrector) -> None:
    to_terminal = args.output is None and is_terminal()
    render = renderer(args.format, wants_colour(args.color, to_terminal))
    typed = not args.files and sys.stdin.isatty()
    window = 1 if typed or args.line_buffered else _WINDOW
    opened = nullcontext(sys.stdout.buffer) if args.output is None else args.output.open("wb")
    with naming(args.output or STANDARD_OUTPUT), opened as stream:
        stream.write(header(args.format))
        for batch in _corrections(iter(lines), corrector, window):
            stream.write(b"".join(render(correction, line) for correction, line in batch))
            stream.flush()


def _write_file(args: argparse.Namespace, names: list[str], lines: _Lines, corrector: Corrector) -> None:
    render = renderer(args.format, wants_colour(args.color, to_terminal=False))
    output = ResumableOutput(args.output, _identity(args, names, corrector), header(args.format))
    stream, skipped, changed = iter(lines), 0, 0
    for line in islice(stream, output.lines_done):
        output.skipped(line.raw)
        skipped += 1
    output.check_skipped(skipped)
    try:
        for batch in _corrections(stream, corrector, _WINDOW):
            output.write([render(correction, line) for correction, line in batch], [line.raw for _, line in batch])
            changed += sum(bool(correction.edits) for correction, _ in batch)
    except BaseException:
        logger.info("%s: %d lines are done; the same command goes on from there", args.output, output.lines_done)
        raise
    output.finish()
    rest = f" among the last {output.lines_done - skipped}" if skipped else ""
    logger.info("%s: %d lines, %d changed%s", args.output, output.lines_done, changed, rest)


def _identity(args: argparse.Namespace, names: list[str], corrector: Corrector) -> dict[str, Any]:
    """Everything that the output depends on besides the text."""
    return {
        "version": __version__,
        "weights_sha256": weights_hash(args.model),
        "thresholds": corrector.thresholds,
        # A hash, because the journal is written every second, and a control may hold a million words.
        "control_sha256": hashlib.sha256(json_bytes(corrector.control.as_dict())).hexdigest(),
        "files": names,
        **{name: getattr(args, name) for name in ("format", "color", "on_bad_line", "batch_size", "device", "dtype")},
    }
