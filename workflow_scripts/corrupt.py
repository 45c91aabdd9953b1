"""Put generated errors into clean sentences, once: for dev and test. A shard holds the same as in the whole."""

import json
import logging
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from arguments import parser, script

from gaprelm.data.tables import NORMALIZED, count_rows, iterate_sentences, read_texts, write_table
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.corruption import Corruptor


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--input", type=Path, required=True)
    options.add_argument(
        "--characters", type=Path, nargs="+", required=True, help="tables whose characters may stand in for others"
    )
    options.add_argument("--noise", type=json.loads, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--split", required=True)
    options.add_argument("--shard", default="1-of-1", help="which part of the sentences")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    texts = (text for path in args.characters for text in read_texts(path))
    corruptor = make_corruptor(args.noise, texts, args.seed)
    number, shards = map(int, re.fullmatch(r"(\d+)-of-(\d+)", args.shard).groups())
    total = count_rows(args.input)
    bounds = total * (number - 1) // shards, total * number // shards
    written = write_table(args.output, corrupted_rows(args.input, corruptor, args.split, *bounds), NORMALIZED)
    logging.info("%s: errors in sentences %d to %d of %d", args.output, bounds[0] + 1, bounds[0] + written, total)


def corrupted_rows(path: Path, corruptor: Corruptor, split: str, first: int, last: int) -> Iterator[dict]:
    """Rows ``first`` to ``last`` (exclusive) with errors; the errors depend on the row's place in the whole."""
    for index, sentence in enumerate(islice(iterate_sentences(path), first, last), first):
        source = corruptor.corrupt(sentence.source, f"{split}/frozen/{index}").source
        yield sentence._replace(source=source, targets=[sentence.source])._asdict()


script(main)
