"""Choose thresholds on the dev sets."""

import logging
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.correction.corrector import Corrector
from gaprelm.correction.decoding import Proposer
from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.proposed import DEFAULT_THRESHOLDS
from gaprelm.evaluation.calibration import DevScores, calibrate, uncalibrated, weighted
from gaprelm.model.loading import load_model
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--dev", type=Path, nargs="*", help="aligned dev files; without them: default thresholds")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    settings = args.settings
    fixed = {name: value for name, value in settings["thresholds"].items() if value is not None}
    if not args.dev:
        logging.info("no dev_file: default thresholds, nothing is known of their scores")
        write_json(args.output, uncalibrated(fixed, settings["default"], args.model))
        return
    # Not Corrector.from_pretrained, which would read a calibration.json of earlier weights that may still be there.
    proposer = Proposer(*load_model(args.model))
    corrector = Corrector(proposer, DEFAULT_THRESHOLDS)
    annotator = Annotator(Resources.load(settings["scoring_resources"]))
    sets = {}
    for path in args.dev:
        sentences = read_scored_sentences(path)
        proposals = corrector.propose([s.source for s in sentences])
        sets[path.stem] = DevScores(sentences, proposals, annotator, settings["max_touched"].get(path.stem, 1.0))
    scores = weighted(sets, settings["dev_weights"])
    result = calibrate(scores, fixed, settings["default"], args.model, settings["objective"])
    for name, point in result["operating_points"].items():
        logging.info("%s %.4f on dev at %s", name, point["dev"][name], point["thresholds"])
    write_json(args.output, result)


script(main)
