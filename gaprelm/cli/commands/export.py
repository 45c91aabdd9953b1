"""``gaprelm export``: writes a model for other libraries than torch."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gaprelm.cli.model_options import MODEL_HELP
from gaprelm.errors import ConfigurationError, require
from gaprelm.model.checkpoint import SHIPPED, find_checkpoint


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        help="write a model as ONNX",
        description="Write planner and infiller as ONNX, with everything that gaprelm correct --model needs.",
    )
    parser.add_argument("--model", default=SHIPPED, metavar="DIR", help=MODEL_HELP)
    parser.add_argument("--to", choices=("onnx",), default="onnx", help="default: onnx")
    parser.add_argument(
        "--quantize", choices=("int8",), help="8-bit weights: a quarter of the size, and few edits differ"
    )
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="OUT", help="a new directory")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    checkpoint = find_checkpoint(args.model)
    if args.output.exists() and (not args.output.is_dir() or any(args.output.iterdir())):
        raise ConfigurationError(f"{args.output} exists already\n  cure: name a directory that is new or empty")
    require("torch", "transformers", "onnx", "onnxscript")
    from gaprelm.correction.backends.onnx_export import export_onnx

    args.output.parent.mkdir(parents=True, exist_ok=True)
    export_onnx(checkpoint, args.output, args.quantize)
    size = sum(path.stat().st_size for path in args.output.iterdir())
    sys.stdout.write(f"{args.output}\n")
    sys.stderr.write(f"{size / 1e6:.1f} MB; try: gaprelm correct --model {args.output}\n")
    return 0
