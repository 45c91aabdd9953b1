"""Collect the counts of all splits in data/summary.json."""

from itertools import chain
from pathlib import Path

from arguments import read_json, script, step_parser, write_json

from gaprelm.data.summary import clean_statistics, pair_statistics, summed_counts
from gaprelm.data.tables import iterate_pairs, iterate_sentences


def main() -> None:
    options = step_parser(__doc__)
    options.add_argument("--data", type=Path, required=True, help="the experiment's data folder")
    options.add_argument("--output", type=Path, required=True)
    args = options.parse_args()
    settings, summary = args.settings, {}
    for split, parts in settings["splits"].items():
        summary[split] = {"normalized": read_json(args.data / "normalized" / f"{split}.json")}
        if split in settings["cleaned"]:
            summary[split]["filtered"] = read_json(args.data / "filtered" / f"{split}.json")
        if split in settings["new_errors"]:
            summary[split]["errors"] = "generated anew every epoch"
            sentences = iterate_sentences(args.data / "filtered" / f"{split}.parquet")
            limits = (settings["max_insert_num"], settings["max_seq_length"])
            summary[split]["template"] = clean_statistics(sentences, *limits)
            continue
        tables = (iterate_pairs(args.data / "aligned" / f"{part}.parquet") for part in parts)
        summary[split]["aligned"] = pair_statistics(chain.from_iterable(tables))
        counts = (read_json(args.data / "template" / f"{part}.json") for part in parts)
        summary[split]["template"] = summed_counts(counts)
    write_json(args.output, summary)


script(main)
