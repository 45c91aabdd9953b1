"""Align every source with each of its references: one row a pair, with its edits."""

import logging
from pathlib import Path

from arguments import parser, script

from gaprelm.data.pairs import aligned_rows
from gaprelm.data.tables import ALIGNED, read_sentences, write_table


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    rows = list(aligned_rows(read_sentences(args.input)))
    write_table(args.output, rows, ALIGNED)
    logging.info("%s: %d pairs", args.output, len(rows))


script(main)
