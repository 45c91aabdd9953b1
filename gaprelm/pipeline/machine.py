"""Checks that this machine has the GPUs and nodes that the configuration asks for."""

from __future__ import annotations

import shutil
import subprocess
from os import environ

from gaprelm.errors import ConfigurationError


def usable_gpus() -> int:
    """How many GPUs this machine offers, by CUDA_VISIBLE_DEVICES and the driver, without importing torch."""
    chosen = environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None and chosen.strip() in ("", "-1"):
        return 0
    if shutil.which("nvidia-smi") is None:
        return 0
    listing = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False).stdout
    present = sum(line.startswith("GPU ") for line in listing.splitlines())
    return min(present, len(chosen.split(","))) if chosen is not None else present


def check_gpus(num_gpus: int, available: int) -> None:
    """Raise ConfigurationError if more GPUs are asked for than there are."""
    if num_gpus > available:
        raise ConfigurationError(
            f"num_gpus={num_gpus}, but this machine has {available} usable GPU(s)\n"
            f"  cure: set num_gpus={available}, or check CUDA_VISIBLE_DEVICES and the driver"
        )


def check_nodes(num_nodes: int) -> None:
    """Raise ConfigurationError if several nodes are asked for without a cluster."""
    if num_nodes > 1:
        raise ConfigurationError(
            f"num_nodes={num_nodes} needs a cluster\n  cure: snakemake --profile profiles/slurm …, or num_nodes=1"
        )
