"""Run one variant of the ablations with one seed: train it and score it."""

import json
import logging
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.training.interruption import EXIT_TERMINATED
from gaprelm.training.runtime import prepare_process


def main() -> int:
    options = step_parser(__doc__)
    options.add_argument("--more", type=json.loads, required=True, help="data and hardware of all runs")
    options.add_argument("--texts", type=Path, nargs="+", required=True, help="normalized training sentences")
    options.add_argument("--pairs", type=Path, nargs="*", default=[], help="those of them that are pairs")
    options.add_argument("--counts", type=Path, nargs="*", default=[], help="what the models start from, if anything")
    options.add_argument("--sets", type=Path, nargs="+", required=True, help="aligned files, in the settings' order")
    options.add_argument("--directory", type=Path, required=True, help="of the run")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    prepare_process()
    from gaprelm.studies.ablations.run import RunFiles, run

    sets = dict(zip(args.settings["sets"], args.sets, strict=True))
    counts = next(iter(args.counts), None)
    files = RunFiles(args.more, args.texts, sets, args.directory, args.pairs, counts)
    result = run(args.settings, files)
    if result is None:
        return EXIT_TERMINATED
    write_json(args.output, result)
    for test, scores in result["tests"].items():
        point = scores["points"]["f0.5"]
        logging.info("%s: P %.4f R %.4f F0.5 %.4f", test, point["precision"], point["recall"], point["f0.5"])
    return 0


script(main)
