"""``gaprelm score``: ChERRANT and SIGHAN scores."""

from __future__ import annotations

import argparse
from typing import Any

from gaprelm.cli.commands import score_cherrant, score_sighan


def add(commands: Any) -> None:
    """Add the command and its metrics to the parser."""
    parser = commands.add_parser(
        "score",
        help="score corrected sentences",
        description="Scores equal to those of the official tools (docs/use/scoring.md).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    metrics = parser.add_subparsers(required=True, metavar="METRIC")
    for metric in (score_cherrant, score_sighan):
        metric.add(metrics)
