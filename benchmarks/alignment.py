"""Pairs a second that are aligned and labelled, on one core.

    python benchmarks/alignment.py FILE:FORMAT [FILE:FORMAT …] [--repeat 5]

Prints JSON: pairs, pairs_per_second (median and best of the repeats, in CPU time, which other processes disturb less
than wall time).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

from gaprelm.data.readers import valid_records
from gaprelm.edits.alignment import align
from gaprelm.edits.labels import edits_to_labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE:FORMAT")
    parser.add_argument("--repeat", type=int, default=5)
    args = parser.parse_args()
    pairs = []
    for name in args.files:
        path, _, data_format = name.rpartition(":")
        records = valid_records(path, data_format, "skip", [])
        pairs += [(record.source, target) for record in records for target in record.targets]
    rates = []
    for _ in range(args.repeat):
        start = time.process_time()
        for source, target in pairs:
            edits_to_labels(len(source), align(source, target))
        rates.append(len(pairs) / (time.process_time() - start))
    result = {"pairs": len(pairs), "pairs_per_second": {"median": statistics.median(rates), "best": max(rates)}}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
