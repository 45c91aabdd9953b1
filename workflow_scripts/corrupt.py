"""Put generated errors into clean dev and test sentences, once. The errors do not depend on the number of shards."""

import logging
from collections.abc import Iterator
from pathlib import Path

from arguments import script, step_parser

from gaprelm.data.tables import NORMALIZED, iterate_sentences, read_texts, shard_rows, write_table
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.corruption import Corruptor


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument(
        "--characters", type=Path, nargs="+", required=True, help="tables whose characters may stand in for others"
    )
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    settings = args.settings
    texts = (text for path in args.characters for text in read_texts(path))
    corruptor = make_corruptor(settings["noise"], texts, settings["seed"])
    rows = shard_rows(args.input, settings["shard"])
    written = write_table(args.output, corrupted_rows(args.input, corruptor, settings["split"], rows), NORMALIZED)
    logging.info("%s: errors in sentences %d to %d", args.output, rows.start + 1, rows.start + written)


def corrupted_rows(path: Path, corruptor: Corruptor, split: str, rows: range) -> Iterator[dict]:
    """The rows with errors, which depend on the place of a row in the whole table, not in its shard."""
    for index, sentence in enumerate(iterate_sentences(path, rows), rows.start):
        source = corruptor.corrupt(sentence.source, f"{split}/frozen/{index}").source
        yield sentence._replace(source=source, targets=[sentence.source])._asdict()


script(main)
