"""Write stage.yaml: the settings of a stage with the paths of its files."""

import json
from pathlib import Path

import yaml
from arguments import parser, script

from gaprelm.textio import write_text


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--settings", type=json.loads, required=True, help="keys that decide the result")
    options.add_argument("--more", type=json.loads, required=True, help="keys that do not, and paths")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    settings = {name: value for name, value in args.settings.items() if name != "code"} | args.more
    write_text(args.output, yaml.safe_dump(settings, allow_unicode=True))


script(main)
