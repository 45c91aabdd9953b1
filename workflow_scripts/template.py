"""Labels and answers of the pairs that fit the model; the others are counted by reason."""

import logging
from collections import Counter
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.data.pairs import template_rows
from gaprelm.data.tables import TEMPLATE, iterate_pairs, write_table


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    left_out: Counter[str] = Counter()
    limits = (args.settings["max_insert_num"], args.settings["max_seq_length"])
    rows = template_rows(iterate_pairs(args.input), *limits, left_out)
    written = write_table(args.output, rows, TEMPLATE)
    write_json(args.counts, {"pairs": written, "left_out": dict(left_out)})
    logging.info("%s: %d pairs, left out: %s", args.output, written, dict(left_out) or "none")


script(main)
