"""Are generated errors like people's? A table of both, side by side.

    python benchmarks/errors.py [--texts FILE…] [--real NAME FILE…]… [--generated NAME SETTINGS]… [--json]

--real: pairs of any format of docs/use/formats.md. FILE:2-10/10 takes a part of the file. Of several references the
first is used.
--texts: correct sentences, one a line. Some of them get the generated errors, and their characters are counted: how
rare a character is, is its place in the order of these counts. Without it the embedded sample.
--generated: settings that differ from the block noise of config.yaml, as for gaprelm corrupt. Without it config.yaml's.

Prints a Markdown table. "By rarity alone": the average precision of ranking all characters by how rare they are, as a
finder of the wrong ones. Errors that are given away by rare characters have a high one. "Common pair": two neighbours,
as written, that stand in the texts ten times in a million pairs or more.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import common
import numpy as np

from gaprelm.characters import is_han
from gaprelm.cli.commands.corrupt import noise_values
from gaprelm.data.readers import read_records
from gaprelm.data.records import Record
from gaprelm.data.sources import selected
from gaprelm.edits.similarity import NEAR_SOUND, SAME_SOUND, UNLIKE, dissimilarity
from gaprelm.errors import InputError
from gaprelm.noise import settings as names
from gaprelm.noise.building import make_corruptor
from gaprelm.noise.observed import observed
from gaprelm.noise.particles import MISTAKES
from gaprelm.noise.statistics import NoiseStatistics, fit
from gaprelm.studies.ranking import average_precision

# So many sentences get generated errors.
GENERATED = 20_000
RARE = 3000
# Two characters that follow each other so often are common: in a million pairs of neighbours.
COMMON = 10
Pairs = Sequence[tuple[str, str]]


def main() -> None:
    """Print the table.

    Raises:
        InputError: a file cannot be read, or holds no errors.
        ConfigurationError: settings that cannot be used.
    """
    parser = common.parser(__doc__)
    parser.add_argument("--texts", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--real", nargs="+", action="append", default=[], metavar=("NAME", "FILE"))
    parser.add_argument("--generated", nargs=2, action="append", metavar=("NAME", "SETTINGS"))
    args = parser.parse_args()
    texts = correct_texts(args.texts)
    counts, common_pairs = characters(texts), pairs_often_seen(texts)
    columns: dict[str, dict[str, str]] = {}
    for name, *files in args.real:
        columns[name] = column(
            [pair for file in files for pair in real_pairs(file)], counts, common_pairs, ", ".join(files)
        )
    for name, settings in args.generated or [("generated", "{}")]:
        columns[name] = column(generated_pairs(texts, settings), counts, common_pairs, name)
    text = json.dumps(columns, ensure_ascii=False, indent=2) if args.json else "\n".join(_table(columns))
    sys.stdout.write(f"{text}\n")


def correct_texts(files: Sequence[Path] | None) -> list[str]:
    """The sentences of the files that are not blank, or of the embedded sample; in random order."""
    if files is None:
        return common.texts(None)
    texts = [text for path in files for text in common.texts(path)]
    random.Random(1).shuffle(texts)
    return texts


def characters(texts: Sequence[str]) -> Counter[str]:
    """How often each Chinese character occurs."""
    return Counter(character for text in texts for character in text if is_han(character))


def pairs_often_seen(texts: Sequence[str]) -> set[str]:
    """The pairs of Chinese characters that follow each other ``COMMON`` times in a million pairs or more."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(pair for pair in map("".join, pairwise(text)) if is_han(pair[0]) and is_han(pair[1]))
    least = COMMON * counts.total() / 1_000_000
    return {pair for pair, count in counts.items() if count >= least}


def generated_pairs(texts: Sequence[str], settings: str) -> Pairs:
    """At most ``GENERATED`` of the texts with errors, as (source, target)."""
    corruptor = make_corruptor(noise_values(settings), texts, 1)
    return [(corruptor.corrupt(text, str(number)).source, text) for number, text in enumerate(texts[:GENERATED])]


def real_pairs(name: str) -> Iterator[tuple[str, str]]:
    """The pairs of a file, or of a part of it: ``FILE:K-M/N``."""
    path, colon, part = name.rpartition(":")
    if not colon or Path(name).is_file():
        path, part = name, ""
    records = (item for item in read_records(path, "auto") if isinstance(item, Record))
    for record in selected(records, part or None):
        if record.targets:
            yield record.source, record.targets[0]


def column(pairs: Pairs, counts: Counter[str], common_pairs: Set[str], name: str) -> dict[str, str]:
    """The rows of a column of the table.

    Args:
        counts: of the characters of correct text. common_pairs: of its neighbours.

    Raises:
        InputError: there is no error in the pairs.
    """
    statistics = fit((source, [target]) for source, target in pairs)
    total = sum(statistics.errors.values())
    if not total:
        raise InputError(f"{name}: found no error in {len(pairs)} pairs\n  cure: name pairs with errors")
    return {
        "sentences": f"{len(pairs):,}",
        "Chinese characters a sentence": f"{statistics.occurrences.total() / len(pairs):.1f}",
        "clean sentences": _percent(statistics.clean_share),
        "errors a sentence": f"{total / len(pairs):.2f}",
        "errors a sentence that has some": f"{total / statistics.with_error:.2f}",
        **_types(statistics, total),
        **_runs(statistics),
        **_sounds(statistics),
        **_wrong_characters(pairs, counts, common_pairs),
    }


def _types(statistics: NoiseStatistics, total: int) -> dict[str, str]:
    errors = statistics.errors
    redundant = errors[names.REPEATED] + errors[names.CONTEXT]
    parts = (errors[names.WRONG], errors[names.MISSING], redundant, errors[names.SWAPPED], errors[names.PUNCTUATION])
    return {
        "wrong / missing / redundant / swapped / punctuation": _percents(parts, total),
        "of the redundant: repeats a neighbour": _percent_of(errors[names.REPEATED], redundant),
        "errors that touch the one before": _percent(statistics.touching_share),
    }


def _runs(statistics: NoiseStatistics) -> dict[str, str]:
    """How many characters stand in errors of more than one character."""
    runs = {name: statistics.runs.get(name, Counter()) for name in (names.WRONG, names.MISSING)}
    redundant = statistics.runs.get(names.REPEATED, Counter()) + statistics.runs.get(names.CONTEXT, Counter())
    missing = runs[names.MISSING]
    return {
        "wrong characters beside another": _in_runs(runs[names.WRONG]),
        "missing characters beside another": _in_runs(missing),
        "redundant characters beside another": _in_runs(redundant),
        "gaps where 1 / 2 / 3 / more are missing": _percents(
            [missing[1], missing[2], missing[3], sum(missing[n] for n in missing if n > 3)], missing.total()
        ),
    }


def _in_runs(lengths: Mapping[int, int]) -> str:
    characters = sum(length * count for length, count in lengths.items())
    return _percent_of(characters - lengths.get(1, 0), characters)


class Written(NamedTuple):
    """The Chinese characters of sentences as they were written, one after the other.

    rank: (n,) how many characters are more frequent in correct text.
    wrong: (n,) bool, whether another character is right.
    in_common_pair: (n,) bool, whether it makes a common pair with a neighbour, as both were written.
    """

    rank: np.ndarray
    wrong: np.ndarray
    in_common_pair: np.ndarray


def written_characters(pairs: Pairs, counts: Counter[str], common_pairs: Set[str] = frozenset()) -> Written:
    """All Chinese characters of the sources, and which are wrong; redundant ones are not."""
    ranks = {character: rank for rank, (character, _) in enumerate(counts.most_common())}
    rank: list[int] = []
    wrong: list[bool] = []
    paired: list[bool] = []
    for source, target in pairs:
        errors = [error for error in observed(source, target) if error.kind == names.WRONG]
        places = {place for error in errors for place in range(error.start, error.end)}
        for place, character in enumerate(source):
            if is_han(character):
                rank.append(ranks.get(character, len(ranks)))
                wrong.append(place in places)
                both = source[max(place - 1, 0) : place + 1], source[place : place + 2]
                paired.append(any(pair in common_pairs for pair in both))
    return Written(np.array(rank), np.array(wrong, dtype=bool), np.array(paired, dtype=bool))


def _wrong_characters(pairs: Pairs, counts: Counter[str], common_pairs: Set[str]) -> dict[str, str]:
    written = written_characters(pairs, counts, common_pairs)
    rare = written.rank >= RARE
    both = int((rare & written.wrong).sum())
    found = average_precision(written.rank, written.wrong) if written.wrong.any() else 0.0
    return {
        f"wrong characters that are of rank {RARE:,} or more": _percent_of(both, int(written.wrong.sum())),
        f"characters of rank {RARE:,} or more that are wrong": _percent_of(both, int(rare.sum())),
        "wrong characters found by rarity alone (by chance)": f"{found:.3f} ({written.wrong.mean():.3f})",
        "wrong characters in a common pair": _percent_of(
            int((written.in_common_pair & written.wrong).sum()), int(written.wrong.sum())
        ),
    }


def _sounds(statistics: NoiseStatistics) -> dict[str, str]:
    counts: Counter[int] = Counter()
    particles = 0
    for right, others in statistics.wrong.items():
        for wrong, count in others.items():
            counts[dissimilarity(wrong, right)] += count
            particles += count * (wrong in MISTAKES.get(right, ()))
    total = counts.total()
    return {
        "sound the same / near / unlike": _percents([counts[n] for n in (SAME_SOUND, NEAR_SOUND, UNLIKE)], total),
        "wrong characters among 的地得, 他她它, 在再, 做作": _percent_of(particles, total),
    }


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _percent_of(part: int, whole: int) -> str:
    return _percent(part / whole) if whole else "-"


def _percents(parts: Sequence[int], whole: int) -> str:
    return " / ".join(f"{100 * part / whole:.1f}" for part in parts) + " %" if whole else "-"


def _table(columns: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield f"| | {' | '.join(columns)} |"
    yield "|---|" + "---|" * len(columns)
    for row in next(iter(columns.values())):
        yield f"| {row} | {' | '.join(values[row] for values in columns.values())} |"


if __name__ == "__main__":
    main()
