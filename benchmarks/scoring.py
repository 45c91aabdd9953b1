"""Pairs per second that are turned into edits, including start-up, and the time of a comparison.

    python benchmarks/scoring.py REFERENCES.tsv [--hypotheses HYP.tsv] [--resources DIR] [--repeat 5] [--workers 1]

Each figure is the median over whole processes of ``gaprelm m2`` and ``gaprelm score cherrant``, with all cheapest
alignments and with the first only. A pair is a source with one reference (or hypothesis). For one core: taskset -c 0.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common


def main() -> None:
    parser = common.parser(__doc__, repeat=5)
    parser.add_argument("references", type=Path)
    parser.add_argument("--hypotheses", type=Path, help="default: the first reference of each sentence")
    parser.add_argument("--resources")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    more = [*(["--resources", args.resources] if args.resources else []), "--workers", str(args.workers)]
    with tempfile.TemporaryDirectory() as folder:
        hypotheses = args.hypotheses or first_references(args.references, Path(folder) / "hyp.tsv")
        result = {}
        for name, path in (("references", args.references), ("hypotheses", hypotheses)):
            for form, option in (("all", []), ("first", ["--first"])):
                m2 = Path(folder) / f"{name}.{form}.m2"
                seconds = command_seconds(["m2", path, "-o", m2, *option, *more], args.repeat)
                result[f"m2_{name}_{form}"] = figures(path, seconds)
        both = ["--references", Path(folder) / "references.all.m2", "--hypotheses", Path(folder) / "hypotheses.all.m2"]
        result["compare_m2_seconds"] = command_seconds(["score", "cherrant", "--json", *both], args.repeat)
        texts = ["--references", args.references, "--hypotheses", hypotheses, *more]
        result["score_texts_seconds"] = command_seconds(["score", "cherrant", "--json", *texts], args.repeat)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = {name: value if isinstance(value, dict) else {"seconds": value} for name, value in result.items()}
    peak = {"all": {"peak_rss_mb": peak_mb}}
    common.show(result | peak["all"], args.json, {"command": rows, "processes": peak})


def first_references(references: Path, output: Path) -> Path:
    lines = references.read_text(encoding="utf-8").strip().split("\n")
    output.write_text("".join("\t".join(line.split("\t")[:3]) + "\n" for line in lines), encoding="utf-8")
    return output


def figures(path: Path, seconds: float) -> dict[str, float]:
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    pairs = sum(line.count("\t") - 1 for line in lines)
    return {"pairs": pairs, "seconds": seconds, "pairs_per_second": pairs / seconds}


def command_seconds(arguments: list[object], repeat: int) -> float:
    """The median wall time of the whole command."""
    command = [sys.executable, "-m", "gaprelm", *map(str, arguments)]
    return common.median_seconds(
        lambda: subprocess.run(command, check=True, capture_output=True), repeat, time.perf_counter
    )


if __name__ == "__main__":
    main()
