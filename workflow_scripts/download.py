"""Fetch a public file and check its sha256."""

import hashlib
import logging
import shutil
from pathlib import Path

from arguments import parser, script

from gaprelm.errors import InputError
from gaprelm.textio import replacing
from gaprelm.web import open_url


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--sha256", required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    with replacing(args.output) as temporary:
        otherwise = f"put the file at {args.output} yourself"
        with open_url(args.url, otherwise) as response, temporary.open("wb") as handle:
            shutil.copyfileobj(response, handle)
        with temporary.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
        if found != args.sha256:
            raise InputError(
                f"{args.url}: sha256 {found}, expected {args.sha256}\n"
                "  cure: the file has changed or was cut; check it, then set its sum in the configuration"
            )
    logging.info("%s: %d bytes", args.output, args.output.stat().st_size)


script(main)
