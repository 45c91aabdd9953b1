"""Read the raw files of a split into one table of sentences with references."""

import json
import logging
from pathlib import Path

from arguments import parser, script, write_json

from gaprelm.data.normalization import normalize_files
from gaprelm.data.tables import NORMALIZED, write_table
from gaprelm.sources import Source


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--sources", type=json.loads, required=True, help="list of path, format, part")
    options.add_argument("--on-bad-record", required=True, choices=("error", "skip"))
    options.add_argument("--clean", action="store_true", help="clean the text (training data)")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    sources = [Source(**source) for source in args.sources]
    sentences, report = normalize_files(sources, args.on_bad_record, args.clean)
    write_table(args.output, (sentence._asdict() for sentence in sentences), NORMALIZED)
    write_json(args.counts, report | {"sources": args.sources})
    logging.info("%s: %d sentences, %d bad records left out", args.output, len(sentences), report["bad_records"])


script(main)
