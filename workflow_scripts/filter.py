"""Clean a table of training sentences: leave out held-out sentences, duplicates, and what is hardly a correction."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arguments import script, step_parser, write_json

from gaprelm.data.cleaning.contamination import NONE, SENTENCES, SOURCES, HeldOut
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, iterate_sentences, write_table
from gaprelm.errors import InputError


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument("--held-out", type=Path, nargs="*", default=[], help="tables of dev and test sentences")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    settings, counts = args.settings, CleaningCounts()
    cleaning, held_out = CleaningSettings(**settings["cleaning"]), _held_out(settings, args.held_out)
    rows = cleaned(lambda: iterate_sentences(args.input), cleaning, held_out, not settings["clean_text"], counts)
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


def _held_out(settings: Mapping[str, Any], tables: list[Path]) -> HeldOut | None:
    """The tables and lists to keep out; with ``decontaminate: none`` only the lists."""
    decontaminate, lists, simplify = (settings[key] for key in ("decontaminate", "lists", "simplify"))
    if decontaminate == NONE and not lists:
        return None
    # A clean sentence becomes the reference of its errors, so it must not be a reference of a test set either.
    held_out = HeldOut(SENTENCES if settings["clean_text"] or decontaminate == SENTENCES else SOURCES)
    for path in tables if decontaminate != NONE else ():
        held_out.add_table(path.stem, path, simplify=simplify == "train")
    for source in lists:
        held_out.add_list(Source(**source), simplify=simplify != "none")
    return held_out


script(main)
