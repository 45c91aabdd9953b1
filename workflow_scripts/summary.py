"""Collect the counts of all splits in data/summary.json."""

import json
from itertools import chain
from pathlib import Path

from arguments import parser, read_json, script, write_json

from gaprelm.data.summary import clean_statistics, pair_statistics, summed_counts
from gaprelm.data.tables import iterate_pairs, iterate_sentences


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--splits", type=json.loads, required=True, help="the parts that the pairs of each are in")
    options.add_argument("--data", type=Path, required=True, help="the experiment's data folder")
    options.add_argument("--online", nargs="*", default=[], help="splits that get new errors every epoch")
    options.add_argument("--cleaned", nargs="*", default=[], help="training splits, which were cleaned")
    options.add_argument("--max-insert-num", type=int, required=True)
    options.add_argument("--max-seq-length", type=int, required=True)
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    summary = {}
    for split, parts in args.splits.items():
        summary[split] = {"normalized": read_json(args.data / "normalized" / f"{split}.json")}
        if split in args.cleaned:
            summary[split]["filtered"] = read_json(args.data / "filtered" / f"{split}.json")
        if split in args.online:
            summary[split]["errors"] = "generated anew every epoch"
            sentences = iterate_sentences(args.data / "filtered" / f"{split}.parquet")
            limits = (args.max_insert_num, args.max_seq_length)
            summary[split]["template"] = clean_statistics(sentences, *limits)
            continue
        tables = (iterate_pairs(args.data / "aligned" / f"{part}.parquet") for part in parts)
        summary[split]["aligned"] = pair_statistics(chain.from_iterable(tables))
        counts = (read_json(args.data / "template" / f"{part}.json") for part in parts)
        summary[split]["template"] = summed_counts(counts)
    write_json(args.output, summary)


script(main)
