"""Write the table of the ablations as a page of the report, as Markdown, and as JSON."""

from pathlib import Path

from arguments import parser, read_json, script, write_json

from gaprelm.studies.ablations.table import ablations_page, markdown_tables, summarize
from gaprelm.textio import write_text


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--runs", nargs="+", type=Path, required=True, help="VARIANT/SEED.json")
    options.add_argument("--page", type=Path, required=True)
    options.add_argument("--markdown", type=Path, required=True)
    options.add_argument("--summary", type=Path, required=True)
    args = options.parse_args()
    runs: dict[str, list] = {}
    for path in args.runs:
        runs.setdefault(path.parent.name, []).append(read_json(path))
    summary = summarize(runs)
    write_text(args.page, ablations_page(summary))
    write_text(args.markdown, markdown_tables(summary))
    write_json(args.summary, summary)


script(main)
