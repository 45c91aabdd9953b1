"""Clean a table of training sentences: without what is held out, doubled, or no correction."""

import json
import logging
from argparse import Namespace
from pathlib import Path

from arguments import parser, script, write_json

from gaprelm.data.cleaning.contamination import NONE, SENTENCES, SOURCES, HeldOut
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, iterate_sentences, write_table
from gaprelm.errors import InputError


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument("--settings", type=json.loads, required=True, help="as in CleaningSettings")
    options.add_argument("--decontaminate", required=True, help="none, sources or sentences")
    options.add_argument("--held-out", type=Path, nargs="*", default=[], help="tables of dev and test sentences")
    options.add_argument("--lists", type=json.loads, default=[], help="list of path, format of more sentences")
    options.add_argument("--simplify", required=True, help="none, train or all: whose text was simplified")
    options.add_argument("--clean-text", action="store_true", help="the sentences get their errors later")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    held_out = _held_out(args)
    counts, settings = CleaningCounts(), CleaningSettings(**args.settings)
    rows = cleaned(lambda: iterate_sentences(args.input), settings, held_out, not args.clean_text, counts)
    write_table(args.output, (row._asdict() for row in rows), NORMALIZED)
    if not counts.kept:
        raise InputError(
            f"no training sentence is left of {counts.sentences}: {dict(counts.left_out)}\n"
            "  cure: see whether train_file and a dev or test file are the same, or change the keys of the step named"
        )
    write_json(args.counts, counts.as_dict())
    logging.info(
        "%s: %d of %d sentences, left out: %s", args.output, counts.kept, counts.sentences, dict(counts.left_out)
    )


def _held_out(args: Namespace) -> HeldOut | None:
    """Tables and lists to keep out; with decontaminate none the lists alone, by sources."""
    if args.decontaminate == NONE and not args.lists:
        return None
    # A clean sentence becomes the reference of its own error, so it must not be one of a test set.
    held_out = HeldOut(SENTENCES if args.clean_text or args.decontaminate == SENTENCES else SOURCES)
    for path in args.held_out if args.decontaminate != NONE else ():
        held_out.add_table(path.stem, path, simplify=args.simplify == "train")
    for source in args.lists:
        held_out.add_list(Source(**source), simplify=args.simplify != "none")
    return held_out


script(main)
