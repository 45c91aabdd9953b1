"""Draw the training curves of all stages."""

from pathlib import Path

from arguments import parser, read_json, script

from gaprelm.pipeline.report.training import draw_training


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--histories", nargs="+", type=Path, required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    draw_training({path.stem: read_json(path) for path in args.histories}, args.output)


script(main)
