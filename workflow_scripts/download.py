"""Fetch a public file and check its sha256."""

import hashlib
import logging
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from arguments import parser, script

from gaprelm.errors import InputError
from gaprelm.textio import replacing

_TIMEOUT_S = 60


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--url", required=True)
    options.add_argument("--sha256", required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    with replacing(args.output) as temporary:
        try:
            with urllib.request.urlopen(args.url, timeout=_TIMEOUT_S) as response, temporary.open("wb") as handle:
                shutil.copyfileobj(response, handle)
        except (urllib.error.URLError, TimeoutError) as error:
            raise InputError(
                f"{args.url}: {error}\n  cure: try again, or put the file at {args.output} yourself"
            ) from error
        with temporary.open("rb") as handle:
            found = hashlib.file_digest(handle, "sha256").hexdigest()
        if found != args.sha256:
            raise InputError(
                f"{args.url}: sha256 {found}, expected {args.sha256}\n"
                "  cure: the file has changed or was cut; check it, then set its sum in the configuration"
            )
    logging.info("%s: %d bytes", args.output, args.output.stat().st_size)


script(main)
