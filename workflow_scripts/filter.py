"""Clean a table of training sentences: cut those that are too long, and leave out held-out sentences, duplicates, and
what is hardly a correction."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arguments import script, step_parser, write_json

from gaprelm.data.cleaning.contamination import NONE, SENTENCES, SOURCES, HeldOut
from gaprelm.data.cleaning.cutting import CutCounts, cut_sentences
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.records import Sentence
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
    settings, counts, cut = args.settings, CleaningCounts(), CutCounts()
    cleaning, held_out = CleaningSettings(**settings["cleaning"]), _held_out(settings, args.held_out)
    with TemporaryDirectory(dir=args.output.parent) as folder:
        # Cleaning reads the rows several times, but cutting aligns texts, so it is done once. It comes first, so that
        # pieces are held against dev and test sets too.
        pieces = Path(folder, "pieces.parquet")
        write_rows(pieces, cut_sentences(iterate_sentences(args.input), settings["longest"], cut))
        rows = cleaned(lambda: iterate_sentences(pieces), cleaning, held_out, not settings["clean_text"], counts)
        write_rows(args.output, rows)
    if not counts.kept:
        raise InputError(
            f"no training sentence is left of {counts.sentences}: {dict(counts.left_out)}\n"
            "  cure: see whether train_file and a dev or test file are the same, or change the keys of the step named"
        )
    write_json(args.counts, {"cut": asdict(cut), **counts.as_dict()})
    if cut.sentences:
        logging.info("%s: %d long sentences cut into %d pieces", args.output, cut.sentences, cut.pieces)
    logging.info(
        "%s: %d of %d sentences, left out: %s", args.output, counts.kept, counts.sentences, dict(counts.left_out)
    )


def write_rows(path: Path, rows: Iterable[Sentence]) -> None:
    write_table(path, (row._asdict() for row in rows), NORMALIZED)


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
