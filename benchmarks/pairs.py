"""How fast pairs become batches, and how much memory that takes, for any number of pairs.

    python benchmarks/pairs.py [--pairs 1000000]

Writes a template file of random pairs to a temporary folder, turns it into the memory-mapped copy that training reads,
and makes up to 200,000 pairs into batches of 32, in random order, on one core: from the copy, and from a list of the
same pairs in memory, in turns, three times. Prints JSON: seconds and peak memory of each part, the median rates, and
the rate of the copy as a share of that of the list. Pages of the copy count as memory of the process while they are
cached; the system takes them back when it needs them.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from gaprelm.data.tables import TEMPLATE
from gaprelm.model.vocabulary import SPECIAL_TOKENS, CharacterVocabulary
from gaprelm.training.batches.collator import Collator
from gaprelm.training.batches.examples import Example, LabelRules
from gaprelm.training.batches.flat import FlatPairs, write_flat_pairs
from gaprelm.training.batches.sampler import LengthBatchSampler

CHARACTERS = [chr(0x4E00 + number) for number in range(5000)]
ROWS = 10_000
BATCH = 32
BATCHES = 200_000 // BATCH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    number = parser.parse_args().pairs
    vocabulary = CharacterVocabulary([*SPECIAL_TOKENS, *CHARACTERS])
    with tempfile.TemporaryDirectory() as folder:
        file, flat = Path(folder) / "pairs.parquet", Path(folder) / "flat"
        write_random_pairs(file, number)
        result: dict[str, float] = {"pairs": number, "peak_mb_before": peak_mb()}
        start = time.perf_counter()
        write_flat_pairs([file], flat, vocabulary, LabelRules(3, 128, True, True, True))
        result |= {"copy_seconds": round(time.perf_counter() - start, 1), "peak_mb_copied": peak_mb()}
        pairs, collate = FlatPairs(flat), Collator(vocabulary, "masks", 0.15, 0)
        batches = list(islice(LengthBatchSampler(pairs.lengths, BATCH, 0), BATCHES))
        rates: dict[str, list[float]] = {"copy": [], "memory": []}
        rates["copy"].append(rate(batches, pairs, collate))
        result["peak_mb_batches"] = peak_mb()
        examples = {key: _in_memory(pairs[key]) for batch in batches for key in batch}
        for _ in range(3):
            rates["memory"].append(rate(batches, examples, collate))
            rates["copy"].append(rate(batches, pairs, collate))
        medians = {name: statistics.median(values[-3:]) for name, values in rates.items()}
        result |= {f"samples_per_second_{name}": round(value) for name, value in medians.items()}
        result["copy_to_memory"] = round(medians["copy"] / medians["memory"], 3)
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


def rate(
    batches: list[list[tuple[int, int]]], pairs: FlatPairs | dict[tuple[int, int], Example], collate: Collator
) -> float:
    """Samples a second."""
    start = time.perf_counter()
    for batch in batches:
        collate([pairs[key] for key in batch])
    return sum(map(len, batches)) / (time.perf_counter() - start)


def _in_memory(example: Example) -> Example:
    return Example(example.index, example.epoch, *(array.copy() for array in example[2:]))


def write_random_pairs(path: Path, number: int) -> None:
    """Sources of 10 to 60 random characters with one replacement each."""
    draw = random.Random(1)
    with parquet.ParquetWriter(path, TEMPLATE) as writer:
        for first in range(0, number, ROWS):
            rows = [row(index, draw) for index in range(first, min(number, first + ROWS))]
            writer.write_table(pa.Table.from_pylist(rows, schema=TEMPLATE))


def row(index: int, draw: random.Random) -> dict:
    source = "".join(draw.choices(CHARACTERS, k=draw.randint(10, 60)))
    answer = CHARACTERS[0]
    return {
        "id": str(index),
        "corpus": "random",
        "source": source,
        "target": source[:3] + answer + source[4:],
        "edits": [{"start": 3, "end": 4, "text": answer}],
        "operations": [2 if place == 3 else 0 for place in range(len(source))],
        "insert_counts": [0] * (len(source) + 1),
        "answers": [answer],
    }


def peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
