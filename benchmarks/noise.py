"""How fast errors are generated, and how well their shares match the settings.

    python benchmarks/noise.py [FILE] [--sentences 100000] [--json]

Takes runs of 30 characters from FILE (default: from the embedded sample) and puts errors into them with several
settings: those of config.yaml; characters of similar shape; words (only with FILE, since the sample has hardly any
words of equal sound); statistics fitted on errors of the first. Prints for each: sentences per CPU second on one core,
seconds for preparation, errors a sentence, and the largest difference between the requested and the actual share of a
kind. Peak memory is that of the process. ``benchmarks/errors.py`` compares the errors with real ones.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import common

from gaprelm.cli.commands.corrupt import noise_values
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.settings import NoiseSettings
from gaprelm.noise.statistics import NoiseStatistics, fit

LENGTH = 30
SHAPES = {"wrong": {"same_sound": 0.4, "near_sound": 0.2, "shape": 0.4}}
WORDS = {"mix": {"wrong": 0.4, "word": 0.1, "missing": 0.2, "redundant": 0.2, "swapped": 0.1}}


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--sentences", type=int, default=100_000)
    args = parser.parse_args()
    texts = stretches(args.file)
    settings = {"config.yaml": {}, "shape": SHAPES}
    if args.file:
        settings["word"] = WORDS
    runs = {name: measured(values, texts, args.sentences) for name, values in settings.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statistics.json"
        corruptor = make_corruptor(noise_values(None), texts, 1)
        pairs = ((corruptor.corrupt(text, f"pairs/{number}").source, [text]) for number, text in enumerate(texts))
        fit(pairs).write(path)
        runs["statistics"] = measured({"statistics": str(path)}, texts, args.sentences)
    document = {"sentences": args.sentences, "peak_mb": common.peak_mb(), "runs": runs}
    common.show(document, args.json, {"settings": runs, "process": {"all": {"peak_mb": document["peak_mb"]}}})


def stretches(file: Path | None) -> list[str]:
    """Texts of ``LENGTH`` characters, in random order."""
    sentences = common.texts(file)
    random.Random(1).shuffle(sentences)
    text = "".join(sentences)
    return [text[start : start + LENGTH] for start in range(0, len(text) - LENGTH + 1, LENGTH)]


def measured(changes: dict[str, Any], texts: list[str], number: int) -> dict[str, float]:
    """Speed and shares with the settings of config.yaml and these ``changes``."""
    values = {**noise_values(None), **changes}
    start = time.process_time()
    corruptor = make_corruptor(values, texts, 42)
    ready = time.process_time() - start
    kinds: Counter[str] = Counter()
    start = time.process_time()
    for index in range(number):
        kinds.update(corruptor.corrupt(texts[index % len(texts)], f"benchmark/{index}").kinds)
    seconds = time.process_time() - start
    asked = shares_asked_for(values)
    off = max(abs(kinds[kind] / kinds.total() - share) for kind, share in asked.items())
    return {
        "sentences_per_second": round(number / seconds),
        "ready_seconds": round(ready, 2),
        "errors_per_sentence": round(kinds.total() / number, 3),
        "largest_difference_points": round(100 * off, 2),
    }


def shares_asked_for(values: dict[str, Any]) -> dict[str, float]:
    if not values["statistics"]:
        return NoiseSettings.from_mapping(values).shares
    errors = NoiseStatistics.read(values["statistics"]).errors
    return {kind: count / sum(errors.values()) for kind, count in errors.items()}


if __name__ == "__main__":
    main()
