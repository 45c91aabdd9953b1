"""Pairs a second that are turned into edits, start-up included, and how long a comparison takes.

    python benchmarks/scoring.py REFERENCES.tsv [--hypotheses HYP.tsv] [--resources DIR] [--repeat 5] [--workers 1]

Each figure is the median over whole processes of ``gaprelm m2`` and ``gaprelm score cherrant``, all cheapest alignments
and the first alone. A pair is a source with one reference (or hypothesis). Prints JSON. For one core: taskset -c 0.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("references", type=Path)
    parser.add_argument("--hypotheses", type=Path, help="default: the first reference of each sentence")
    parser.add_argument("--resources")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    more = [*(["--resources", args.resources] if args.resources else []), "--workers", str(args.workers)]
    with tempfile.TemporaryDirectory() as folder:
        hypotheses = args.hypotheses or first_references(args.references, Path(folder) / "hyp.tsv")
        result = {}
        for name, path in (("references", args.references), ("hypotheses", hypotheses)):
            for form, option in (("all", []), ("first", ["--first"])):
                m2 = Path(folder) / f"{name}.{form}.m2"
                seconds = median_seconds(["m2", path, "-o", m2, *option, *more], args.repeat)
                result[f"m2_{name}_{form}"] = figures(path, seconds)
        both = ["--references", Path(folder) / "references.all.m2", "--hypotheses", Path(folder) / "hypotheses.all.m2"]
        result["compare_m2_seconds"] = median_seconds(["score", "cherrant", "--json", *both], args.repeat)
        texts = ["--references", args.references, "--hypotheses", hypotheses, *more]
        result["score_texts_seconds"] = median_seconds(["score", "cherrant", "--json", *texts], args.repeat)
    result["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def first_references(references: Path, output: Path) -> Path:
    lines = references.read_text(encoding="utf-8").strip().split("\n")
    output.write_text("".join("\t".join(line.split("\t")[:3]) + "\n" for line in lines), encoding="utf-8")
    return output


def figures(path: Path, seconds: float) -> dict[str, float]:
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    pairs = sum(line.count("\t") - 1 for line in lines)
    return {"pairs": pairs, "seconds": seconds, "pairs_per_second": pairs / seconds}


def median_seconds(arguments: list[object], repeat: int) -> float:
    """Median wall time of the whole command."""
    command = [sys.executable, "-m", "gaprelm", *map(str, arguments)]
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
