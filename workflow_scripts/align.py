"""Align every source with each of its references: one row per pair, with its edits."""

import logging
from itertools import chain
from pathlib import Path

from arguments import script, step_parser

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.tables import ALIGNED, iterate_sentences, shard_rows, write_table


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--input", type=Path, nargs="+", required=True, help="tables, one after the other")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    shard = args.settings["shard"]
    sentences = chain.from_iterable(iterate_sentences(path, shard_rows(path, shard)) for path in args.input)
    logging.info("%s: %d pairs", args.output, write_table(args.output, aligned_rows(sentences), ALIGNED))


script(main)
