"""Correct a test set at the model's operating point and score it."""

import logging
from pathlib import Path

from arguments import read_json, script, step_parser, write_json

from gaprelm.correction.corrector import Corrector
from gaprelm.data.tables import read_scored_sentences, write_hypotheses
from gaprelm.evaluation.metrics import test_metrics
from gaprelm.model.checkpoint import CALIBRATION
from gaprelm.scoring.cherrant.annotation import Annotator
from gaprelm.scoring.cherrant.resources import Resources


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("--test", type=Path, required=True, help="aligned test file")
    options.add_argument("--hypotheses", type=Path, required=True)
    options.add_argument("--metrics", type=Path, required=True)
    args = options.parse_args()
    sentences = read_scored_sentences(args.test)
    corrector = Corrector.from_pretrained(args.model)
    corrections = corrector.correct_batch([sentence.source for sentence in sentences])
    hypotheses = [correction.target for correction in corrections]
    write_hypotheses(args.hypotheses, sentences, hypotheses)
    point = read_json(args.model / CALIBRATION)["default"]
    annotator = Annotator(Resources.load(args.settings["scoring_resources"]))
    metrics = test_metrics(sentences, hypotheses, point, corrector.thresholds, annotator)
    write_json(args.metrics, metrics)
    edits = metrics["edits"]
    logging.info(
        "%s: P %.4f R %.4f F0.5 %.4f over edits", args.test.stem, edits["precision"], edits["recall"], edits["f0.5"]
    )


script(main)
