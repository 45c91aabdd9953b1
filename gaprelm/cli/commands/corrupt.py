"""``gaprelm corrupt``: generates errors in correct sentences."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaprelm.cli.options import output_file, write_output
from gaprelm.errors import ConfigurationError, InputError, shown
from gaprelm.json_files import json_text
from gaprelm.pipes import STANDARD_INPUT, keep
from gaprelm.textio import read_lines, read_standard_input, read_utf8, sound_lines

if TYPE_CHECKING:
    from gaprelm.noise.corruption import Corruption

_DEFAULTS = Path(__file__).parents[3] / "config.yaml"
_EXAMPLE = "--noise '{clean_share: 0, mix: {wrong: 0.5, missing: 0.5}}'"

# So many sentences are read before the first is written. Errors are made of their characters and words.
_READ_AHEAD = 100_000


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "corrupt",
        help="generate errors in correct sentences",
        description="Generate errors in correct sentences, one a line. Equal input, settings and seed give equal "
        "output. Exit code 1: blank lines were left out.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="text files (default: standard input)")
    parser.add_argument("-o", "--output", metavar="FILE", type=output_file, help="default, or -: standard output")
    parser.add_argument(
        "--noise",
        metavar="SETTINGS",
        help="a YAML or JSON file, or such text: settings that differ from the block noise of config.yaml",
    )
    parser.add_argument(
        "--vocabulary",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="text whose characters and words, too, may be written by mistake (besides those of the first 100,000 "
        "sentences)",
    )
    parser.add_argument("--seed", type=int, default=42, help="another seed gives other errors (default: 42)")
    parser.add_argument(
        "--format",
        choices=("parallel", "jsonl", "text"),
        default="parallel",
        help="parallel: sentence with errors, tab, correct sentence (default); jsonl: with gold edits and kinds; "
        "text: the sentences with errors alone",
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from gaprelm.noise.building import make_corruptor

    values = noise_values(args.noise)
    blank: Counter[str] = Counter()
    sentences = _sentences(args.files, blank)
    first = list(islice(sentences, _READ_AHEAD))
    if not first:
        raise InputError(f"{', '.join(args.files) or 'standard input'}: no sentence in it\n  cure: give one a line")
    known = _sentences(args.vocabulary, Counter()) if args.vocabulary else ()
    corruptor = make_corruptor(values, (text for _, text in chain(first, known)), args.seed)
    counts: Counter[str] = Counter()
    rows = _rows(chain(first, sentences), corruptor, args.format, counts)
    write_output(args.output, rows)
    _report(counts, blank["lines"])
    return 1 if blank["lines"] else 0


def _sentences(files: Sequence[str], blank: Counter[str]) -> Iterator[tuple[str, str]]:
    """Place and text of each line that is not blank. Blank lines are counted.

    Raises:
        InputError: a file cannot be read, or a line is not UTF-8.
    """
    for name in files or [STANDARD_INPUT]:
        lines = read_standard_input() if name == STANDARD_INPUT else read_lines(Path(*keep([name])))
        for line in sound_lines(lines, "mend the line"):
            if line.text.strip():
                yield f"{name}:{line.number}", line.text
            else:
                blank["lines"] += 1


def _rows(
    sentences: Iterable[tuple[str, str]], corruptor: Any, output_format: str, counts: Counter[str]
) -> Iterator[bytes]:
    for number, (place, text) in enumerate(sentences):
        result = corruptor.corrupt(text, f"corrupt/{number}")
        counts["sentences"] += 1
        counts["with errors"] += bool(result.edits)
        counts.update(result.kinds)
        if output_format == "parallel" and "\t" in text:
            raise InputError(f"{place}: found a tab in the sentence\n  cure: use --format jsonl, or take the tab out")
        yield _row(result, text, output_format).encode()


def _row(result: Corruption, text: str, output_format: str) -> str:
    if output_format == "text":
        return f"{result.source}\n"
    if output_format == "parallel":
        return f"{result.source}\t{text}\n"
    edits = [edit._asdict() for edit in result.edits]
    row = {"source": result.source, "target": text, "edits": edits, "kinds": result.kinds}
    return json_text(row, indent=None)


def _report(counts: Counter[str], blank: int) -> None:
    sentences, erroneous = counts.pop("sentences"), counts.pop("with errors")
    shares = ", ".join(f"{name} {100 * count / counts.total():.1f} %" for name, count in counts.most_common())
    sys.stderr.write(f"{sentences} sentences, {erroneous} with errors, {counts.total()} errors: {shares or 'none'}\n")
    if blank:
        sys.stderr.write(f"{blank} blank lines left out\n")


def noise_values(given: str | None) -> dict[str, Any]:
    """Noise settings for the command line: those of config.yaml, with what is given in their place.

    Args:
        given: a YAML or JSON file, or such text: a whole configuration or keys of ``noise``. Shares (``mix``,
            ``wrong``, ``redundant``) count as a whole, so that what is not named there does not occur.

    Raises:
        ConfigurationError: no mapping, or nothing is given and there is no config.yaml (it is no part of a wheel).
    """
    values = _mapping(_DEFAULTS.read_text(encoding="utf-8"), str(_DEFAULTS))["noise"] if _DEFAULTS.is_file() else {}
    if given is None:
        if not values:
            raise ConfigurationError(
                f"{_DEFAULTS}: no such file; expected it to hold the default settings\n"
                "  cure: give all settings with --noise config.yaml, or install gaprelm from a checkout"
            )
        return values
    # Path.is_file would raise an error where the text is too long for the name of a file.
    text = read_utf8(Path(given)) if isfile(given) else given
    changes = _mapping(text, given)
    changes = changes["noise"] if isinstance(changes.get("noise"), dict) else changes
    return {**values, **changes}


def _mapping(text: str, name: str) -> dict[str, Any]:
    from gaprelm.yaml_files import load_yaml

    values = load_yaml(text, shown(name), "see docs/use/noise.md")
    if not isinstance(values, dict):
        raise ConfigurationError(
            f"noise settings {shown(name)}: expected a file, or keys with values\n  cure: for example {_EXAMPLE}"
        )
    return values
