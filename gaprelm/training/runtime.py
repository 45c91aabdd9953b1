"""What a training process sets before its first step."""

from __future__ import annotations

import os

import torch

# oneDNN, and PyTorch's own layer above it, keep what they compiled for each shape of a batch, 1,024 of them. Shapes
# hardly ever come back, so that costs memory (600 MB in bf16 with the tiny encoder) and saves no time
# (benchmarks/training.py). Both read their variable at their first use.
_COMPILED_SHAPES = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64", "LRU_CACHE_CAPACITY": "8"}


def prepare_process() -> None:
    """Small caches for compiled shapes on CPUs (unless the environment says otherwise); TF32 and no cuDNN attention on
    GPUs."""
    for name, value in _COMPILED_SHAPES.items():
        os.environ.setdefault(name, value)
    torch.set_float32_matmul_precision("high")
    # On H100 and newer cuDNN's attention comes first, which plans anew for each shape of a batch, and here nearly every
    # batch has its own (not measured here; a report: github.com/modelscope/FunASR/issues/3704).
    torch.backends.cuda.enable_cudnn_sdp(False)
