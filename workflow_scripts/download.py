"""Fetch a public file, or take it from a mirror, and check its sha256."""

import logging
from pathlib import Path

from arguments import script, step_parser

from gaprelm.errors import InputError
from gaprelm.web import MOST_BYTES, fetch


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--licence", required=True, help="as stated at the source")
    options.add_argument("--mirror", default="", help="folder, or web address of one, to take the file from instead")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    url, name = args.settings["url"], args.output.name
    logging.info("%s from %s; licence: %s", name, url, args.licence)
    address = mirrored(args.mirror, name, url) if args.mirror else url
    otherwise = f"get {url} by other means, put it in a folder as {name} and set data_mirror to it"
    fetch(address, args.output, args.settings["sha256"], otherwise, args.settings.get("size", MOST_BYTES))
    logging.info("%s: %d bytes", args.output, args.output.stat().st_size)


def mirrored(mirror: str, name: str, url: str) -> str:
    """Where the mirror has a file: under its name in downloads/, or, if the mirror is a folder, its published name."""
    if "://" in mirror:
        return f"{mirror.rstrip('/')}/{name}"
    candidates = [Path(mirror, name), Path(mirror, url.rpartition("/")[2])]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise InputError(
            f"{candidates[0]}: no such file, nor {candidates[1].name}, in data_mirror\n"
            f"  cure: put the content of {url} there, or set data_mirror=null to fetch it"
        )
    return str(found)


script(main)
