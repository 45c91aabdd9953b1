"""Time, memory and disk of the way from text to labelled pairs: normalize, corrupt, align, template.

    python benchmarks/data.py [--sentences 100000] [--shards 2] [--json]

Writes so many sentences of 10 to 50 characters (of the embedded sample, mixed) to a temporary folder and runs the
workflow's own scripts on them, each in a process of its own, errors by the settings of config.yaml in --shards jobs,
one after the other. Prints for each step: seconds of CPU and of the clock, the largest peak memory of its processes,
and the megabytes that it wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gaprelm.data.sample import split_sample
from gaprelm.noise.configuration import noise_values

SCRIPTS = Path(__file__).parent.parent / "workflow_scripts"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sentences(folder / "clean.txt", args.sentences)
        steps = {step: measured(commands, folder) for step, commands in chain(folder, args.shards).items()}
    if args.json:
        sys.stdout.write(json.dumps({"sentences": args.sentences, "steps": steps}, indent=2) + "\n")
        return
    for step, values in steps.items():
        sys.stdout.write(f"{step}: {', '.join(f'{key} {value}' for key, value in values.items())}\n")


def write_sentences(path: Path, number: int) -> None:
    """Random stretches of the sample's sentences, a line each."""
    draw = random.Random(1)
    sentences = split_sample(0.1, 0.1, 1, None)["train"]
    with path.open("w", encoding="utf-8") as handle:
        for _ in range(number):
            handle.write("".join(draw.choices(sentences, k=6))[: draw.randint(10, 50)] + "\n")


def chain(folder: Path, shards: int) -> dict[str, list[list[str]]]:
    """The commands of each step; every step writes into a folder of its name."""
    source = [{"path": str(folder / "clean.txt"), "format": "clean", "part": None}]
    normalized = f"{folder}/normalize/dev.parquet"
    parts = [f"{number}-of-{shards}" for number in range(1, shards + 1)]
    corrupt = ["corrupt.py", "--input", normalized, "--characters", normalized, "--split", "dev", "--seed", "42"]
    corrupt += ["--noise", json.dumps(noise_values(None))]
    corrupted = [f"{folder}/corrupt/dev.{part}.parquet" for part in parts]
    aligned, labelled = f"{folder}/align/dev.parquet", f"{folder}/template/dev.parquet"
    normalize = ["normalize.py", "--sources", json.dumps(source), "--on-bad-record", "error", "--output", normalized]
    template = ["template.py", "--input", aligned, "--max-insert-num", "3", "--max-seq-length", "64"]
    return {
        "normalize": [[*normalize, "--counts", f"{folder}/normalize/dev.json"]],
        "corrupt": [
            [*corrupt, "--shard", part, "--output", output] for part, output in zip(parts, corrupted, strict=True)
        ],
        "align": [["align.py", "--input", *corrupted, "--output", aligned]],
        "template": [[*template, "--output", labelled, "--counts", f"{folder}/template/dev.json"]],
    }


def measured(commands: list[list[str]], folder: Path) -> dict[str, float]:
    """Run the commands of a step one after the other."""
    cpu, peak, start = 0.0, 0, time.perf_counter()
    before = written(folder)
    for script, *arguments in commands:
        process = subprocess.Popen([sys.executable, SCRIPTS / script, *arguments], stderr=subprocess.PIPE)
        message = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{script} failed:\n{message.decode()}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    seconds = time.perf_counter() - start
    return {
        "cpu_seconds": round(cpu, 1),
        "seconds": round(seconds, 1),
        "peak_mb": round(peak / 1024),
        "disk_mb": round((written(folder) - before) / 1e6, 1),
    }


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
