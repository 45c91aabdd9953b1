"""Write the table and the figures of the data."""

from pathlib import Path

from arguments import parser, read_json, script

from gaprelm.pipeline.report.data import data_page, draw_data
from gaprelm.textio import write_text


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--summary", type=Path, required=True)
    options.add_argument("--table", type=Path, required=True)
    options.add_argument("--figures", type=Path, required=True)
    args = options.parse_args()
    summary = read_json(args.summary)
    write_text(args.table, data_page(summary))
    draw_data(summary, args.figures)


script(main)
