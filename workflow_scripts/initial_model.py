"""Build the model that training starts from."""

import logging
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from arguments import script, step_parser

from gaprelm.counts.model import CountModel
from gaprelm.data.tables import read_texts
from gaprelm.model.initial import TINY, check_vocabulary, initial_model


def texts_of(paths: list[Path]) -> Iterator[str]:
    return chain.from_iterable(map(read_texts, paths))


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--texts", type=Path, nargs="+", required=True, help="normalized training sentences")
    options.add_argument("--counts", type=Path, nargs="*", default=[], help="what the model starts from, if anything")
    options.add_argument("--output", type=Path, required=True, help="directory")
    args = options.parse_args()
    counts = CountModel.load(args.counts[0]) if args.counts else None
    model, vocabulary = initial_model(texts=texts_of(args.texts), counts=counts, **args.settings)
    if args.settings["pretrained_model"] != TINY:  # whose vocabulary is made of these texts
        check_vocabulary(vocabulary, texts_of(args.texts), args.settings["pretrained_model"])
    model.save_pretrained(args.output)
    vocabulary.save(args.output)
    logging.info("%s: %d parameters, %d tokens", args.output, model.num_parameters(), len(vocabulary))


script(main)
