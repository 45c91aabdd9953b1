"""What the scripts share: named arguments, settings, and one clear message for bad input."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from gaprelm.errors import run_command
from gaprelm.json_files import read_json, write_json

__all__ = ["parser", "read_json", "script", "step_parser", "write_json"]


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help is the script's docstring."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)


def step_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser for a step of the workflow, which gets its configuration as one JSON document, ``--settings``."""
    options = parser(description)
    options.add_argument("--settings", type=_settings, required=True, help="JSON: see gaprelm/pipeline/steps.py")
    return options


def _settings(text: str) -> dict[str, Any]:
    """The settings of a step, without the hashes of its code and of files, which are for Snakemake alone."""
    return {name: value for name, value in json.loads(text).items() if name not in ("code", "contents")}


def script(main: Callable[[], int | None]) -> None:
    """Run a script's ``main``; bad input ends it with one message and exit code 2."""
    sys.exit(run_command(main))
