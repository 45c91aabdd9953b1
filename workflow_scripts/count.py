"""Count the training data: what a model starts from, and for each fold of the sentences the counts of the others."""

import logging
from pathlib import Path

from arguments import script, step_parser

from gaprelm.training.counting import CountedData, count_settings, count_with_folds


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--texts", type=Path, nargs="+", required=True, help="normalized training sentences")
    options.add_argument("--pairs", type=Path, nargs="*", default=[], help="those of them that are pairs")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--folds", type=Path, nargs="+", required=True, help="a file for each fold")
    args = options.parse_args()
    data = CountedData(args.texts, args.pairs, args.settings["noise"], args.settings["seed"])
    settings = count_settings(args.settings["counts"])
    counted = count_with_folds(data, settings, len(args.folds))
    for path, model in zip([args.output, *args.folds], counted, strict=True):
        model.save(path)
        logging.info("%s: %d characters, %.1f MB", path, len(model.alphabet), model.size / 1e6)


script(main)
