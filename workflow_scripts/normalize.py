"""Read the raw files of a split into one table of sentences with references."""

import json
import logging
from pathlib import Path

from arguments import parser, script, write_json

from gaprelm.data.normalization import NormalizationCounts, normalized_sentences
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, write_table


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--sources", type=json.loads, required=True, help="list of path, format, part")
    options.add_argument("--on-bad-record", required=True, choices=("error", "skip"))
    options.add_argument("--clean", action="store_true", help="clean the text (training data)")
    options.add_argument("--simplify", action="store_true", help="turn traditional characters into simplified ones")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    sources = [Source(**source) for source in args.sources]
    for source in sources:
        logging.info("%s: read as %s", source.path, source.format)
    counts = NormalizationCounts()
    sentences = normalized_sentences(sources, args.on_bad_record, args.clean, args.simplify, counts)
    write_table(args.output, (sentence._asdict() for sentence in sentences), NORMALIZED)
    write_json(args.counts, counts.as_dict() | {"sources": args.sources})
    logging.info(
        "%s: %d sentences, %d bad records left out, %d warnings",
        args.output,
        counts.sentences,
        len(counts.bad_records),
        len(counts.warnings),
    )


script(main)
