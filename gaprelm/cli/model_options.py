"""Options that say which model corrects, and where it runs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from gaprelm.cli.interrupts import LeavingAtOnce
from gaprelm.cli.options import positive
from gaprelm.correction.backends import BACKENDS
from gaprelm.model.checkpoint import SHIPPED

if TYPE_CHECKING:
    from gaprelm.correction.control import Control
    from gaprelm.correction.corrector import Corrector


MODEL_HELP = f"a best_stage_c directory, or a name on the hub (default: {SHIPPED}, which comes with gaprelm)"


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    group = parser.add_argument_group("model")
    group.add_argument("--model", default=SHIPPED, metavar="DIR", help=MODEL_HELP)
    group.add_argument(
        "--operating-point",
        choices=("f0.5", "f1", "f2"),
        help="for which score its thresholds were chosen (default: as it was calibrated)",
    )
    group.add_argument(
        "--batch-size", type=positive, default=32, help="pieces of text in one forward pass (default: 32)"
    )
    group.add_argument("--device", help="cpu or cuda (default: a GPU if there is one)")
    group.add_argument("--dtype", help="float32 (default), bfloat16 or float16")
    group.add_argument("--backend", choices=BACKENDS, help="default: onnx for exported models, else torch")


def load_corrector(args: argparse.Namespace, control: Control) -> Corrector:
    """The Corrector that the options of ``add_model`` ask for."""
    with LeavingAtOnce():
        from gaprelm.correction.corrector import Corrector

        return Corrector.from_pretrained(
            args.model,
            device=args.device,
            dtype=args.dtype,
            backend=args.backend,
            operating_point=args.operating_point,
            batch_size=args.batch_size,
            control=control,
        )
