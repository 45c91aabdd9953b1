"""Settings of PyTorch that a training process makes before its first step."""

from __future__ import annotations

import os

import torch

from gaprelm.model.loading import avoid_cudnn_attention

# oneDNN, and PyTorch's own layer above it, cache compiled code for up to 1,024 shapes of batches. Shapes hardly ever
# recur, so this costs memory (600 MB in bf16 with the tiny encoder) and saves no time (benchmarks/training.py). Both
# read their variable at their first use.
_COMPILED_SHAPES = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64", "LRU_CACHE_CAPACITY": "8"}


def prepare_process() -> None:
    """Limit the caches of compiled shapes on CPUs, unless the environment sets them; on GPUs switch TF32 on and cuDNN
    attention off."""
    for name, value in _COMPILED_SHAPES.items():
        os.environ.setdefault(name, value)
    torch.set_float32_matmul_precision("high")
    avoid_cudnn_attention()
