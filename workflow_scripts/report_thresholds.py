"""Draw precision and recall over thresholds, with the chosen points."""

from pathlib import Path

from arguments import parser, read_json, script

from gaprelm.pipeline.report.thresholds import draw_thresholds


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--calibration", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    draw_thresholds(read_json(args.calibration), args.output)


script(main)
