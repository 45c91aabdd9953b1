"""How long two threads take for products of the size of a tiny encoder, on an idle machine and beside a busy process.

    python benchmarks/threads.py

One subprocess a form, since libgomp reads its variables once; milliseconds for 20 feed-forward layers.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

REPEATS = 40
FORMS = {"default": {}, "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"}, "passive": {"OMP_WAIT_POLICY": "PASSIVE"}}


def measure() -> None:
    """Time the products in this process; prints median, mean and longest."""
    import torch

    torch.set_num_threads(2)
    states, weights = torch.randn(1100, 128), torch.randn(512, 128)

    def layers() -> float:
        start = time.perf_counter()
        for _ in range(20):
            torch.nn.functional.gelu(states @ weights.T) @ weights
        return 1000 * (time.perf_counter() - start)

    times = [layers() for _ in range(REPEATS + 5)][5:]
    print(f"median {statistics.median(times):6.1f}  mean {statistics.mean(times):6.1f}  longest {max(times):6.1f}")


def main() -> None:
    if sys.argv[1:] == ["measure"]:
        measure()
        return
    for busy in (False, True):
        other = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if busy else None
        try:
            for name, variables in FORMS.items():
                print(f"{'beside a busy process' if busy else 'idle':24}{name:24}", end="", flush=True)
                subprocess.run([sys.executable, __file__, "measure"], env=os.environ | variables, check=True)
        finally:
            if other:
                other.kill()


if __name__ == "__main__":
    main()
