"""Time, memory and disk space of all steps from text to batches.

    python benchmarks/data.py [--sentences 1000000] [--shards 4] [--jobs 2] [--json]
    python benchmarks/data.py --pairs FILE:FORMAT [FILE:FORMAT …]

Makes --sentences sentences of 10 to 50 characters from pieces of the embedded sample and puts errors into them with the
settings of config.yaml; a tenth of the pairs then become duplicates of earlier ones, another tenth near duplicates.
With --pairs it takes the pairs of the files. Each step runs in fresh processes; align and template run --jobs shards at
a time:

* corrupt: ``gaprelm corrupt``. check: ``gaprelm check``.
* normalize, filter, align, template: the steps of the workflow, on the result of the one before.
* near_duplicates: filter with ``near_duplicates`` 0.9; the other steps do not use its result.
* vocabulary: the characters of the sentences, of which a tiny encoder makes its vocabulary.
* copy: the flat memory-mapped copy that a stage makes of the pairs when it starts.
* loader: batches of 32 in random order from the copy, of up to 200,000 pairs, median of three passes.
  loader_memory: the same from a list in memory, alternating with the copy. Cached pages of the copy count as memory of
  the process, but the system can take them back.

Columns: sentences (or pairs) that go into the step, wall seconds, CPU seconds, sentences per CPU second (so per second
on one core), megabytes written, and the largest peak memory of the step's processes.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from common import cost, in_a_process, parser, peak_mb, sentences, show
from pyarrow.parquet import read_metadata

from gaprelm.cli import main as command_line
from gaprelm.data.checking.report import CheckSettings, check_file
from gaprelm.data.cleaning.pairs import CleaningCounts, CleaningSettings, cleaned
from gaprelm.data.normalization import NormalizationCounts, normalized_sentences
from gaprelm.data.pairs import aligned_rows, write_template
from gaprelm.data.sources import Source
from gaprelm.data.tables import ALIGNED, NORMALIZED, iterate_pairs, iterate_sentences, shard_rows, write_table
from gaprelm.edits.label_rules import LabelRules
from gaprelm.textio import replacing

DEFAULTS = yaml.safe_load((Path(__file__).parent.parent / "config.yaml").read_text(encoding="utf-8"))
RULES = LabelRules(DEFAULTS["max_insert_num"], DEFAULTS["max_seq_length"])
NEAR_DUPLICATES = 0.9
BATCH = 32
BATCHES = 200_000 // BATCH
PASSES = 3
EARLIER = 1000


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--sentences", type=int, default=100_000)
    options.add_argument("--pairs", nargs="+", metavar="FILE:FORMAT", help="published pairs in place of generated ones")
    options.add_argument("--shards", type=int, default=4)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--folder", type=Path, help="an empty folder that keeps the files")
    args = options.parse_args()
    if args.folder and args.folder.exists() and any(args.folder.iterdir()):
        options.error(f"--folder {args.folder}: found files there; expected an empty folder, or a new one")
    with nullcontext(args.folder) if args.folder else tempfile.TemporaryDirectory() as name:
        folder = Path(name).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        steps = measured(folder, args)
    show({"shards": args.shards, "jobs": args.jobs, "steps": steps}, args.json, {"step": steps})


def measured(folder: Path, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    """The figures of each step, one step after the other."""
    files = [name.rpartition(":") for name in args.pairs or [f"{folder}/pairs.tsv:parallel"]]
    sources = [Source(path, data_format) for path, _, data_format in files]
    shards = [(folder, f"{number}-of-{args.shards}") for number in range(1, args.shards + 1)]
    steps = {
        "corrupt": (corrupt, [(folder, args.sentences)]),
        "check": (check, [(sources,)]),
        "normalize": (normalize, [(folder, sources)]),
        "filter": (clean, [(folder, None)]),
        "near_duplicates": (clean, [(folder, NEAR_DUPLICATES)]),
        "align": (align, shards),
        "template": (template, shards),
        "vocabulary": (make_vocabulary, [(folder,)]),
        "copy": (copy, [(folder,)]),
    }
    if args.pairs:
        del steps["corrupt"]
    else:
        write_sentences(folder, args.sentences)
    figures = {}
    for name, (part, calls) in steps.items():
        before = written(folder)
        ran = cost(part, calls, args.jobs)
        disk = round((written(folder) - before) / 1e6, 1)
        figures[name] = row(sum(ran.result), ran.seconds, ran.cpu_seconds, disk, ran.peak_mb)
        if part is corrupt:
            repeat_some(folder / "pairs.tsv")
    return figures | in_a_process(load, folder)


def row(number: int, seconds: float, cpu_seconds: float, disk_mb: float | None, peak: int | None) -> dict[str, Any]:
    return {
        "sentences": number,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "sentences_per_second": round(number / max(cpu_seconds, 1e-9)),
        "disk_mb": disk_mb,
        "peak_mb": peak,
    }


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write_sentences(folder: Path, number: int) -> None:
    with (folder / "clean.txt").open("w", encoding="utf-8") as handle:
        handle.writelines(f"{sentence}\n" for sentence in sentences(number))


def corrupt(folder: Path, number: int) -> int:
    if code := command_line.main(["corrupt", str(folder / "clean.txt"), "-o", str(folder / "pairs.tsv")]):
        raise SystemExit(code)
    return number


def repeat_some(pairs: Path) -> None:
    """Replace a tenth of the lines by duplicates of the first pairs, and another tenth by near duplicates."""
    draw, earlier = random.Random(2), []
    with replacing(pairs) as changed, pairs.open(encoding="utf-8") as old, changed.open("w", encoding="utf-8") as new:
        for line in old:
            kind = draw.random()
            if earlier and kind < 0.2:
                line = draw.choice(earlier)
            if earlier and kind < 0.1:
                last = draw.choice("的了吗呢")
                line = "\t".join(f"{text[:-1]}{last}" for text in line.rstrip("\n").split("\t")) + "\n"
            elif len(earlier) < EARLIER:
                earlier.append(line)
            new.write(line)


def check(sources: list[Source]) -> int:
    settings = CheckSettings(RULES.max_insert_num, RULES.max_seq_length, DEFAULTS["max_changed_share"], 10)
    return sum(check_file(source.path, source.format, settings).statistics.sentences for source in sources)


def normalize(folder: Path, sources: list[Source]) -> int:
    rows = normalized_sentences(sources, "skip", True, False, NormalizationCounts())
    return write_table(folder / "normalized.parquet", (sentence._asdict() for sentence in rows), NORMALIZED)


def clean(folder: Path, near_duplicates: float | None) -> int:
    values: dict[str, Any] = {key: DEFAULTS[key] for key in CleaningSettings.__dataclass_fields__}
    values["near_duplicates"] = near_duplicates
    settings, counts = CleaningSettings(**values), CleaningCounts()
    rows = cleaned(lambda: iterate_sentences(folder / "normalized.parquet"), settings, None, True, counts)
    output = folder / ("near.parquet" if near_duplicates else "filtered.parquet")
    write_table(output, (sentence._asdict() for sentence in rows), NORMALIZED)
    return counts.sentences


def align(folder: Path, shard: str) -> int:
    path = folder / "filtered.parquet"
    rows = shard_rows(path, shard)
    write_table(folder / f"aligned.{shard}.parquet", aligned_rows(iterate_sentences(path, rows)), ALIGNED)
    return len(rows)


def template(folder: Path, shard: str) -> int:
    left_out: Counter[str] = Counter()
    pairs = iterate_pairs(folder / f"aligned.{shard}.parquet")
    return write_template(folder / f"template.{shard}.parquet", pairs, RULES, left_out) + left_out.total()


def make_vocabulary(folder: Path) -> int:
    from gaprelm.data.tables import read_texts
    from gaprelm.model.vocabulary import CharacterVocabulary

    CharacterVocabulary.from_texts(read_texts(folder / "filtered.parquet")).save(folder)
    return read_metadata(folder / "filtered.parquet").num_rows


def copy(folder: Path) -> int:
    from gaprelm.model.vocabulary import CharacterVocabulary
    from gaprelm.training.batches.flat import FlatPairs, write_flat_pairs

    vocabulary = CharacterVocabulary.from_file(folder / "vocab.txt")
    files = sorted(folder.glob("template.*.parquet"))
    write_flat_pairs(files, folder / "flat", vocabulary, RULES.edit_types)
    return len(FlatPairs(folder / "flat"))


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """The rows of both loaders; only making the batches counts."""
    from gaprelm.model.settings import ModelSettings
    from gaprelm.model.vocabulary import CharacterVocabulary
    from gaprelm.training.batches.collator import Collator
    from gaprelm.training.batches.flat import FlatPairs
    from gaprelm.training.batches.sampler import LengthBatchSampler

    pairs, vocabulary = FlatPairs(folder / "flat"), CharacterVocabulary.from_file(folder / "vocab.txt")
    collate = Collator(vocabulary, ModelSettings(template="masks"), 0.15)
    batches = list(islice(LengthBatchSampler(pairs.lengths, BATCH, 0), BATCHES))
    batch_seconds(batches, pairs, collate)
    peak = peak_mb()
    in_memory = {key: _copied(pairs[key]) for batch in batches for key in batch}
    times = {"loader": [], "loader_memory": []}
    for _ in range(PASSES):
        for name, examples in zip(times, (pairs, in_memory), strict=True):
            times[name].append(batch_seconds(batches, examples, collate))
    peaks = {"loader": peak}
    figures = {}
    for name, pairs_of_seconds in times.items():
        seconds, cpu_seconds = (statistics.median(column) for column in zip(*pairs_of_seconds, strict=True))
        figures[name] = row(len(in_memory), seconds, cpu_seconds, None, peaks.get(name))
    return figures


def batch_seconds(batches: list[list[Any]], examples: Any, collate: Callable[[list[Any]], Any]) -> tuple[float, float]:
    """The wall and CPU seconds for making all batches."""
    start, cpu_start = time.perf_counter(), time.process_time()
    for batch in batches:
        collate([examples[key] for key in batch])
    return time.perf_counter() - start, time.process_time() - cpu_start


def _copied(example: Any) -> Any:
    arrays = {name: value.copy() for name, value in example._asdict().items() if hasattr(value, "copy")}
    return example._replace(**arrays)


if __name__ == "__main__":
    main()
