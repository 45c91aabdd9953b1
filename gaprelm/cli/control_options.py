"""The options of the command line that say what may be corrected. Together they make a ``Control``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gaprelm.characters import CLASSES
from gaprelm.cli.options import positive
from gaprelm.correction.control import Control
from gaprelm.edits.edit import EDIT_TYPES
from gaprelm.errors import ConfigurationError, InputError, shown
from gaprelm.json_files import read_json
from gaprelm.textio import Line, read_lines, read_utf8, sound_lines

_THRESHOLD_HELP = "make edits from this confidence on: 0.7 for all types, or replace=0.7 (can be given several times)"


def add_control(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    group = parser.add_argument_group("what is corrected")
    group.add_argument("--threshold", action="append", default=[], metavar="[TYPE=]VALUE", help=_THRESHOLD_HELP)
    group.add_argument(
        "--min-confidence", type=float, metavar="P", help="make no edit below this confidence, whatever the thresholds"
    )
    group.add_argument(
        "--protect",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="words that are never edited, one a line",
    )
    group.add_argument(
        "--protect-pattern",
        action="append",
        default=[],
        metavar="REGEX",
        help="text that matches is never edited (Python's re)",
    )
    group.add_argument(
        "--protect-names",
        action="store_true",
        default=None,
        help="names of people, places and organisations are not edited (extra: names)",
    )
    group.add_argument(
        "--confusions",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="lines 'always TAB A TAB B' (every A becomes B) and 'never TAB A TAB B' (A never becomes B)",
    )
    group.add_argument(
        "--editable",
        metavar="CLASSES",
        help=f"classes of characters that may be edited: {','.join(CLASSES)}, or all (default: han,punctuation)",
    )
    group.add_argument(
        "--without", metavar="TYPES", help=f"types of edits that are not made: some of {','.join(EDIT_TYPES)}"
    )
    group.add_argument("--max-insert", type=int, metavar="N", help="most characters that are inserted in a sentence")
    group.add_argument(
        "--max-insert-ratio", type=float, metavar="R", help="the same, as a share of the sentence's characters"
    )
    group.add_argument(
        "--rounds",
        type=positive,
        metavar="N",
        help="most rounds; after the first the model reads its own result (default: 1)",
    )
    group.add_argument("--by-sentence", action="store_true", default=None, help="read each sentence by itself")
    group.add_argument("--control", type=Path, metavar="FILE", help="all of these options as JSON (docs/use/using.md)")


def control_of(args: argparse.Namespace) -> Control:
    """The control that the options ask for. Single options win over ``--control``.

    Raises:
        ConfigurationError: an option has a value that cannot be used.
        InputError: a file cannot be read.
    """
    options = _document(args.control) if args.control else {}
    given = {
        "min_confidence": args.min_confidence,
        "editable": args.editable and args.editable.split(","),
        "switched_off": args.without and args.without.split(","),
        "max_insert_per_sentence": args.max_insert,
        "max_insert_ratio": args.max_insert_ratio,
        "max_rounds": args.rounds,
        "by_sentence": args.by_sentence,
        "protect": [word for path in args.protect for word in _words(path)],
        "protect_patterns": args.protect_pattern,
        "protect_names": args.protect_names,
        **_table(args.confusions),
    }
    options |= {name: value for name, value in given.items() if value is not None and value != []}
    if args.threshold:
        thresholds = _thresholds(args.threshold)
        base = options.get("thresholds") or {}
        options["thresholds"] = base | thresholds if isinstance(base, dict) else base  # which the control refuses
    try:
        return Control.from_dict(options)
    except ConfigurationError as error:
        files = [str(path) for path in (args.control, *args.protect, *args.confusions) if path]
        if not files:
            raise
        raise ConfigurationError(f"{error}\n  (some options come from {', '.join(files)})") from error


def _document(path: Path) -> dict[str, Any]:
    options = read_json(path, "write an object of options")
    if not isinstance(options, dict):
        raise InputError(f"{path}: found {shown(options)}; expected an object of options")
    return options


def _words(path: Path) -> list[str]:
    """The words of a file, one a line; a million take a second."""
    if path.is_file() and not path.stat().st_size:
        return []  # an empty file is an empty list of words
    return [word for line in read_utf8(path).split("\n") if (word := line.strip())]


def _table(paths: Sequence[Path]) -> dict[str, list[tuple[str, str]]]:
    table: dict[str, list[tuple[str, str]]] = {"always": [], "never": []}
    for path in paths:
        for line in _sound_lines(path):
            if not line.text:
                continue
            kind, *pair = line.text.split("\t")
            if kind not in table or len(pair) != 2:
                raise InputError(
                    f"{path}:{line.number}: found {shown(line.text)}; expected always or never, A and B, split by tabs"
                )
            table[kind].append((pair[0], pair[1]))
    return table


def _sound_lines(path: Path) -> list[Line]:
    if path.is_file() and not path.stat().st_size:
        return []  # an empty file is an empty list of words
    return list(sound_lines(read_lines(path), "mend the line"))


def _thresholds(options: Sequence[str]) -> dict[str, float]:
    """Thresholds by edit type; a value without a type is for all types."""
    thresholds: dict[str, float] = {}
    for option in options:
        name, equals, text = option.rpartition("=")
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1 or (equals and name not in EDIT_TYPES):
            raise ConfigurationError(
                f"--threshold {option}; expected a number from 0 to 1, "
                f"or TYPE=NUMBER with one of {', '.join(EDIT_TYPES)}"
            )
        thresholds |= {name: value} if equals else dict.fromkeys(EDIT_TYPES, value)
    return thresholds
