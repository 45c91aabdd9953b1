"""Choose thresholds on the dev set."""

import logging
from pathlib import Path

from arguments import script, step_parser, write_json

from gaprelm.correction.corrector import Corrector
from gaprelm.correction.decoding import Proposer
from gaprelm.data.tables import read_scored_sentences
from gaprelm.edits.proposed import DEFAULT_THRESHOLDS
from gaprelm.evaluation.calibration import DevScores, calibrate, uncalibrated
from gaprelm.model.loading import load_model
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--dev", type=Path, nargs="?", help="aligned dev file; without it: default thresholds")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    settings = args.settings
    fixed = {name: value for name, value in settings["thresholds"].items() if value is not None}
    weights = args.model / "model.safetensors"
    if args.dev is None:
        logging.info("no dev_file: default thresholds, nothing is known of their scores")
        write_json(args.output, uncalibrated(fixed, settings["default"], weights))
        return
    sentences = read_scored_sentences(args.dev)
    # Not Corrector.from_pretrained, which would read a calibration.json of earlier weights that may still be there.
    proposer = Proposer(*load_model(args.model))
    proposals = Corrector(proposer, DEFAULT_THRESHOLDS).propose([s.source for s in sentences])
    scores = DevScores(sentences, proposals, Annotator(Resources.load(settings["scoring_resources"])))
    result = calibrate(scores, fixed, settings["default"], weights, settings["objective"])
    for name, point in result["operating_points"].items():
        logging.info("%s %.4f on dev at %s", name, point["dev"][name], point["thresholds"])
    write_json(args.output, result)


script(main)
