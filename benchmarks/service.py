"""Requests per second and the time of a request, over real connections, with and without common batches.

    python benchmarks/service.py --model DIR --texts FILE [--concurrency 1 8 32] [--batch-size 32 1] [--seconds 5]

Needs wrk (apt-get install wrk). FILE has one sentence per line; each request sends one. For every batch size a new
service listens on a free port of 127.0.0.1 and is warmed up. Then --concurrency connections send requests, each as soon
as its last one is answered. With batch size 1 every sentence runs through the model alone. A failed request ends the
benchmark. Each figure is the median of ``--repeat`` rounds of all measurements. OMP_NUM_THREADS sets how many cores the
model uses.
"""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import common

SCRIPT = Path(__file__).with_suffix(".lua")


def main() -> None:
    parser = common.parser(__doc__, repeat=3)
    parser.add_argument("--model", required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--batch-size", type=int, nargs="+", default=[32, 1])
    parser.add_argument("--seconds", type=int, default=5, help="of each figure, in each round")
    args = parser.parse_args()
    sentences = common.texts(args.texts)
    figures = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / "bodies"
        bodies.write_text("".join(json.dumps({"texts": [s]}) + "\n" for s in sentences), encoding="utf-8")
        for batch_size in args.batch_size * args.repeat:
            with service(args.model, batch_size) as address:
                load(address, bodies, 8, 2)
                for concurrency in args.concurrency:
                    figures[batch_size, concurrency].append(load(address, bodies, concurrency, args.seconds))
    rows = [
        {"batch_size": batch_size, "concurrency": concurrency, **medians(rounds)}
        for (batch_size, concurrency), rounds in figures.items()
    ]
    characters = statistics.mean(map(len, sentences))
    result = {"sentences": len(sentences), "mean_characters": round(characters, 1), "runs": rows}
    common.show(result, args.json, {"run": {str(number): row for number, row in enumerate(rows, 1)}})


@contextmanager
def service(model: str, batch_size: int) -> Iterator[str]:
    """A service on a free port; its address."""
    command = [sys.executable, "-m", "gaprelm", "serve", "--model", model, "--port", "0"]
    command += ["--batch-size", str(batch_size), "--device", "cpu"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if found := re.search(r"serving at (\S+)", line):
                    yield found[1]
                    break
            else:
                raise SystemExit(f"the service ended with {process.wait()}")
        finally:
            process.send_signal(signal.SIGTERM)


def load(address: str, bodies: Path, concurrency: int, seconds: int) -> dict[str, float]:
    """The figures that wrk measures."""
    command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "60s", "-s", str(SCRIPT), address]
    environment = os.environ | {"SENTENCES": str(bodies)}
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    figures = json.loads(output.strip().splitlines()[-1])
    if figures.pop("failed"):
        raise SystemExit(f"requests failed: {output}")
    return figures


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(figures[name] for figures in rounds) for name in rounds[0]}


if __name__ == "__main__":
    main()
