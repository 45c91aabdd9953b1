"""Write stage.yaml: the settings of a stage with the paths of its files."""

import json
from pathlib import Path

import yaml
from arguments import script, step_parser

from gaprelm.textio import write_text


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--more", type=json.loads, required=True, help="JSON: paths, and keys that do not affect it")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    write_text(args.output, yaml.safe_dump(args.settings | args.more, allow_unicode=True))


script(main)
