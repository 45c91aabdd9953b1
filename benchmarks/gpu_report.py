"""What a part of ``gpu.py`` writes: its rows, as soon as each is measured, and why others are missing."""

from __future__ import annotations

import gc
import json
import os
import platform
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers


class Report:
    """The rows of a part, kept in a file.

    Args:
        path: of the file, which is written anew after each row.
        part: its name.
        limit: seconds after which no further row is begun.
    """

    def __init__(self, path: Path, part: str, limit: float) -> None:
        self._path, self._start, self._limit = path, time.monotonic(), limit
        self.document: dict[str, Any] = {"part": part, "machine": machine(), "rows": {}, "errors": {}}
        self.save()

    def measure(self, name: str, function: Callable[..., Mapping[str, object]], *arguments: object) -> None:
        """Add a row. If it fails, its traceback is kept, and other rows can follow."""
        if time.monotonic() - self._start > self._limit:
            self.document["errors"][name] = f"not measured: the part had run for {self._limit:g} seconds"
        else:
            try:
                self.document["rows"][name] = dict(function(*arguments))
            except Exception:
                self.document["errors"][name] = traceback.format_exc()
        self.save()
        # The next row has the memory for itself.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def fail(self, name: str, text: str) -> None:
        """Record what went wrong."""
        self.document["errors"][name] = text
        self.save()

    def save(self) -> None:
        """Write the file."""
        self.document["seconds"] = round(time.monotonic() - self._start, 1)
        self._path.write_text(json.dumps(self.document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What the figures depend on."""
    gpu = torch.cuda.get_device_properties(0) if torch.cuda.is_available() else None
    return {
        "gpu": gpu.name if gpu else None,
        "gpu_memory_mb": gpu.total_memory // 2**20 if gpu else None,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "transformers": transformers.__version__,
    }
