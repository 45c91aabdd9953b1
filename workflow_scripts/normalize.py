"""Read the raw files of a split into one table of sentences with references."""

import logging
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.data.normalization import NormalizationCounts, normalized_sentences
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, write_table


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--counts", type=Path, required=True)
    args = options.parse_args()
    settings = args.settings
    sources = [Source(**source) for source in settings["sources"]]
    for source in sources:
        logging.info("%s: read as %s", source.path, source.format)
    counts = NormalizationCounts()
    how = (settings["on_bad_record"], settings["clean"], settings["simplify"])
    sentences = normalized_sentences(sources, *how, counts)
    write_table(args.output, (sentence._asdict() for sentence in sentences), NORMALIZED)
    write_json(args.counts, counts.as_dict() | {"sources": settings["sources"]})
    logging.info(
        "%s: %d sentences, %d bad records left out, %d warnings",
        args.output,
        counts.sentences,
        len(counts.bad_records),
        len(counts.warnings),
    )


script(main)
