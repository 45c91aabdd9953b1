"""Label the pairs that fit the model; count the others by reason."""

import logging
from collections import Counter
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.data.pairs import write_template
from gaprelm.data.tables import iterate_pairs
from gaprelm.edits.label_rules import LabelRules


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    left_out: Counter[str] = Counter()
    written = write_template(args.output, iterate_pairs(args.input), LabelRules(**args.settings), left_out)
    write_json(args.counts, {"pairs": written, "left_out": dict(left_out)})
    logging.info("%s: %d pairs, left out: %s", args.output, written, dict(left_out) or "none")


script(main)
