"""How fast pairs are checked, read and cleaned, and how much memory that takes, for any number of pairs.

    python benchmarks/cleaning.py [--pairs 1000000]

Writes random pairs of 10 to 60 characters to a temporary folder, one in ten a duplicate of an earlier one and one in
ten a near duplicate, and takes them through ``gaprelm check``, the rule normalize and the rule filter, without and with
near duplicates, each in a process of its own. Prints JSON: seconds of processor time, pairs a second and peak memory of
each part.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gaprelm.data.checking.report import CheckSettings, check_file
from gaprelm.data.cleaning.contamination import HeldOut
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.normalization import NormalizationCounts, normalized_sentences
from gaprelm.data.sources import Source
from gaprelm.data.tables import NORMALIZED, iterate_sentences, write_table

CHARACTERS = [chr(0x4E00 + number) for number in range(5000)]
KEPT = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    number = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_random_pairs(folder / "pairs.tsv", number)
        result: dict[str, object] = {"pairs": number}
        for part in (check, normalize, clean, clean_near):
            seconds, peak, more = in_a_process(part, folder)
            rate = round(number / seconds)
            result[part.__name__] = {"seconds": round(seconds, 1), "pairs_per_second": rate, "peak_mb": peak} | more
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def write_random_pairs(path: Path, number: int) -> None:
    """Sources with one wrong character, or none in one of five."""
    draw = random.Random(0)
    earlier: list[str] = []
    with path.open("w", encoding="utf-8") as handle:
        for index in range(number):
            kind = draw.random() if earlier else 1.0
            text = draw.choice(earlier) if kind < 0.2 else "".join(draw.choices(CHARACTERS, k=draw.randint(10, 60)))
            if 0.1 <= kind < 0.2:
                text = text[:-1] + draw.choice(CHARACTERS)
            if len(earlier) < KEPT:
                earlier.append(text)
            place = len(text) // 2
            wrong = text if index % 5 == 0 else text[:place] + CHARACTERS[place] + text[place + 1 :]
            handle.write(f"{wrong}\t{text}\n")


def check(folder: Path) -> dict[str, object]:
    report = check_file(str(folder / "pairs.tsv"), "parallel", CheckSettings(3, 64, 0.8, 10))
    return {"warnings": report.findings.warnings}


def normalize(folder: Path) -> dict[str, object]:
    sources = [Source(str(folder / "pairs.tsv"), "parallel")]
    rows = normalized_sentences(sources, "error", True, False, NormalizationCounts())
    write_table(folder / "pairs.parquet", (row._asdict() for row in rows), NORMALIZED)
    return {}


def clean(folder: Path) -> dict[str, object]:
    return _clean(folder, None)


def clean_near(folder: Path) -> dict[str, object]:
    return _clean(folder, 0.9)


def _clean(folder: Path, near_duplicates: float | None) -> dict[str, object]:
    counts, held_out = CleaningCounts(), HeldOut("sources")
    settings = CleaningSettings(True, near_duplicates, 0.8, 1.0, 0)
    rows = cleaned(lambda: iterate_sentences(folder / "pairs.parquet"), settings, held_out, True, counts)
    write_table(folder / "cleaned.parquet", (row._asdict() for row in rows), NORMALIZED)
    return {"left_out": dict(counts.left_out)}


def in_a_process(part: Callable[[Path], dict[str, object]], folder: Path) -> tuple[float, int, dict[str, object]]:
    """Seconds of processor time, peak memory in MB and the result of a part."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (part, folder))


def _measured(part: Callable[[Path], dict[str, object]], folder: Path) -> tuple[float, int, dict[str, object]]:
    start = time.process_time()
    result = part(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return time.process_time() - start, peak, result


if __name__ == "__main__":
    main()
