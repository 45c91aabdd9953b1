"""Write the tables of the test results and of corrected sentences."""

from pathlib import Path

from arguments import read_json, script, step_parser

from gaprelm.data.tables import read_hypotheses, read_scored_sentences
from gaprelm.pipeline.report.results import examples_page, results_page
from gaprelm.textio import write_text


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--metrics", nargs="+", type=Path, required=True)
    options.add_argument("--before", nargs="*", type=Path, default=[], help="of the model before training")
    options.add_argument("--hypotheses", nargs="+", type=Path, required=True)
    options.add_argument("--references", nargs="+", type=Path, required=True)
    options.add_argument("--results", type=Path, required=True)
    options.add_argument("--examples", type=Path, required=True)
    args = options.parse_args()
    metrics = {}
    for paths, which in ((args.before, ", before training"), (args.metrics, "")):
        metrics |= {path.name.removesuffix(".metrics.json") + which: read_json(path) for path in paths}
    write_text(args.results, results_page(metrics, calibrated=args.settings["calibrated"]))
    tests = {}
    for path, references in zip(args.hypotheses, args.references, strict=True):
        tests[path.name.removesuffix(".hyp.tsv")] = (read_scored_sentences(references), read_hypotheses(path))
    write_text(args.examples, examples_page(tests))


script(main)
