"""The average of two finished models, weight by weight, as a new checkpoint.

    python -m gaprelm.studies.averaging FIRST SECOND --share 0.45 --output OUT

FIRST, SECOND: best_stage_* directories of Gap-ReLM of one shape and vocabulary, or ``small``; one trained on from the
other. --share: of SECOND. OUT has no calibration yet. Averages of a model before and after it was trained on often keep
what both know (Wortsman et al., CVPR 2022).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from gaprelm.errors import CheckpointError, ConfigurationError, run_command
from gaprelm.model.checkpoint import shipped_or
from gaprelm.studies.finished_models import finished_model


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the average.

    Raises:
        CheckpointError: a model cannot be read, or the two differ in more than their weights.
        ConfigurationError: the share is not from 0 to 1, or the output is there.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", metavar="FIRST", type=Path)
    parser.add_argument("second", metavar="SECOND", type=Path)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--output", required=True, metavar="OUT", type=Path)
    args = parser.parse_args(arguments)
    if not 0 <= args.share <= 1:
        raise ConfigurationError(f"--share {args.share}; expected a number from 0 to 1")
    if args.output.exists():
        raise ConfigurationError(f"{args.output} is there\n  cure: delete it, or name another directory")
    average(args.first, args.second, args.share, args.output)


def average(first: Path, second: Path, share: float, output: Path) -> None:
    """Write the checkpoint ``output``: (1 - share) of the weights of ``first``, share of those of ``second``."""
    (model, vocabulary), (other, tokens) = (finished_model(shipped_or(path)) for path in (first, second))
    if model.config.to_diff_dict() != other.config.to_diff_dict() or vocabulary.tokens != tokens.tokens:
        raise CheckpointError(
            f"{first} and {second} differ in config.json or vocab.txt\n  cure: average models of one run"
        )
    weights = dict(other.named_parameters())
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.lerp_(weights[name], share)
    model.save_pretrained(output)
    vocabulary.save(output)


if __name__ == "__main__":
    sys.exit(run_command(main))
