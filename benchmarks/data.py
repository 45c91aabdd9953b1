"""Time, memory and disk of the way from text to what training reads: corrupt, normalize, filter, align, template, copy.

    python benchmarks/data.py [--sentences 1000000] [--shards 4] [--jobs 2] [--json]

Writes so many sentences of 10 to 50 characters (of the embedded sample, mixed) to a temporary folder, makes pairs of
them with ``gaprelm corrupt`` and the settings of config.yaml, and runs the workflow's own scripts on the pairs, each in
a process of its own, the shards of align and template --jobs at a time. Prints for each step: seconds of CPU and of the
clock, the largest peak memory of its processes, and the megabytes that it wrote.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from gaprelm.data.cleaning.pairs import CleaningSettings
from gaprelm.data.sample import split_sample

ROOT = Path(__file__).parent.parent
# The memory-mapped copy that a stage makes when it starts.
COPY = """
import sys
from pathlib import Path
from gaprelm.training.batches.examples import LabelRules
from gaprelm.training.batches.flat import write_flat_pairs
from gaprelm.data.tables import read_texts
from gaprelm.model.vocabulary import CharacterVocabulary
flat, texts, *labelled = map(Path, sys.argv[1:])
vocabulary = CharacterVocabulary.from_texts(read_texts(texts))
write_flat_pairs(labelled, flat, vocabulary, LabelRules(3, 64, True, True, True))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sentences(folder / "clean.txt", args.sentences)
        steps = {step: measured(commands, folder, args.jobs) for step, commands in chain(folder, args.shards).items()}
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
    """The commands of each step."""
    defaults = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    cleaning = {key: defaults[key] for key in CleaningSettings.__dataclass_fields__}
    source = [{"path": f"{folder}/pairs.tsv", "format": "parallel", "part": None}]
    normalized, filtered = f"{folder}/normalized.parquet", f"{folder}/filtered.parquet"
    parts = [f"{number}-of-{shards}" for number in range(1, shards + 1)]
    corrupt = ["-m", "gaprelm", "corrupt", f"{folder}/clean.txt", "-o", f"{folder}/pairs.tsv"]
    normalize = {"sources": source, "on_bad_record": "error", "clean": True, "simplify": False}
    clean = {"cleaning": cleaning, "decontaminate": "none", "lists": [], "simplify": "none", "clean_text": False}
    template = defaults | {"max_insert_num": 3, "max_seq_length": 64}
    labelled = [f"{folder}/template.{part}.parquet" for part in parts]
    return {
        "corrupt": [corrupt],
        "normalize": [_script("normalize.py", normalize, "--output", normalized, "--counts", f"{folder}/n.json")],
        "filter": [
            _script("filter.py", clean, "--input", normalized, "--output", filtered, "--counts", f"{folder}/f.json")
        ],
        "align": [
            _script("align.py", {"shard": part}, "--input", filtered, "--output", f"{folder}/aligned.{part}.parquet")
            for part in parts
        ],
        "template": [
            _script(
                *("template.py", template, "--input", f"{folder}/aligned.{part}.parquet"),
                *("--output", output, "--counts", f"{folder}/t.json"),
            )
            for part, output in zip(parts, labelled, strict=True)
        ],
        "copy": [["-c", COPY, f"{folder}/flat", filtered, *labelled]],
    }


def _script(name: str, settings: Mapping[str, Any], *arguments: str) -> list[str]:
    return [str(ROOT / "workflow_scripts" / name), "--settings", json.dumps(settings), *arguments]


def measured(commands: list[list[str]], folder: Path, jobs: int) -> dict[str, float]:
    """Run the commands of a step, so many at a time."""
    before, start = written(folder), time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        usages = list(pool.map(_usage, commands))
    return {
        "cpu_seconds": round(sum(usage.ru_utime + usage.ru_stime for usage in usages), 1),
        "seconds": round(time.perf_counter() - start, 1),
        "peak_mb": round(max(usage.ru_maxrss for usage in usages) / 1024),
        "disk_mb": round((written(folder) - before) / 1e6, 1),
    }


def _usage(command: list[str]) -> resource.struct_rusage:
    process = subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed:\n{message.decode()}")
    return usage


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
