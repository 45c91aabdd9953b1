"""What errors people make, counted in real pairs of a sentence with errors and the correct one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gaprelm.characters import is_han
from gaprelm.errors import InputError
from gaprelm.json_files import json_text, read_json
from gaprelm.noise import settings as names
from gaprelm.noise.observed import ObservedError, observed
from gaprelm.textio import write_text

# The first form had no runs, punctuation and touching errors; it counted each character as an error.
FIRST_FORMAT = "gaprelm noise statistics 1"
FORMAT = "gaprelm noise statistics 2"
LENGTH_STEP = 10
LEARNED_KINDS = (names.WRONG, names.MISSING, names.REPEATED, names.CONTEXT, names.SWAPPED, names.PUNCTUATION)
_TEXTS = (names.MISSING, names.REPEATED, names.CONTEXT, names.SWAPPED)
_TABLES = (names.WRONG, names.PUNCTUATION)


@dataclass
class NoiseStatistics:
    """Counts over pairs. An error is a run of Chinese characters that are all wrong, all missing or all redundant; two
    neighbours that changed places; or one mark of punctuation (``gaprelm.noise.observed``).

    sentences: all pairs. with_error: the pairs with an error.
    occurrences: how often each character occurs in correct sentences.
    wrong: for a correct character, how often each other one was written instead.
    missing: characters that were left out.
    repeated, context: redundant texts, equal to a neighbour or not.
    swapped: of two neighbours that changed places, the one that comes first in the correct sentence.
    punctuation: for a correct mark, how often each text was written instead; the empty text: it was left out.
    runs: ``runs[kind][n]``: how many errors of the kind (wrong, missing, repeated or context) have n characters.
    touching: errors that touch the one before them.
    numbers: ``numbers[length][n]``: how many sentences of that length (Chinese characters of the correct sentence,
        rounded down to tens) have n errors, n at least 1.
    """

    sentences: int = 0
    with_error: int = 0
    occurrences: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    missing: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    context: Counter[str] = field(default_factory=Counter)
    swapped: Counter[str] = field(default_factory=Counter)
    punctuation: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    runs: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    touching: int = 0
    numbers: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def errors(self) -> dict[str, int]:
        """Errors of each of ``LEARNED_KINDS``."""
        counts = {kind: counter.total() for kind, counter in self.runs.items()}
        counts[names.SWAPPED] = self.swapped.total()
        counts[names.PUNCTUATION] = sum(counter.total() for counter in self.punctuation.values())
        return {kind: counts.get(kind, 0) for kind in LEARNED_KINDS}

    @property
    def clean_share(self) -> float:
        """Share of the pairs without an error."""
        return 1 - self.with_error / self.sentences if self.sentences else 0.0

    @property
    def touching_share(self) -> float:
        """Share of the errors after the first of a sentence that touch the one before them."""
        return self.touching / max(1, sum(self.errors.values()) - self.with_error)

    def add(self, source: str, target: str) -> None:
        """Count a pair."""
        errors = observed(source, target)
        length = sum(map(is_han, target))
        self.sentences += 1
        self.occurrences.update(filter(is_han, target))
        if errors:
            self.with_error += 1
            self.numbers[length // LENGTH_STEP * LENGTH_STEP][len(errors)] += 1
        for error in errors:
            self.touching += error.touching
            self._count(error)

    def _count(self, error: ObservedError) -> None:
        kind, written, right = error.kind, error.written, error.right
        if kind == names.WRONG:
            for wrong, character in zip(written, right, strict=True):
                self.wrong[character][wrong] += 1
        elif kind == names.MISSING:
            self.missing.update(right)
        elif kind == names.SWAPPED:
            self.swapped[right[0]] += 1
        elif kind == names.PUNCTUATION:
            self.punctuation[right][written] += 1
        else:
            (self.repeated if kind == names.REPEATED else self.context)[written] += 1
        if kind not in (names.SWAPPED, names.PUNCTUATION):
            self.runs[kind][max(len(written), len(right))] += 1

    def as_json(self) -> str:
        """The counts as JSON, in the form that ``read`` reads."""
        values: dict[str, Any] = {"format": FORMAT, "sentences": self.sentences, "with_error": self.with_error}
        for name in ("occurrences", *_TEXTS):
            values[name] = dict(getattr(self, name).most_common())
        for name in _TABLES:
            values[name] = {text: dict(others.most_common()) for text, others in sorted(getattr(self, name).items())}
        values["runs"] = {kind: _sorted(counts) for kind, counts in sorted(self.runs.items())}
        values["touching"] = self.touching
        values["numbers"] = {str(length): _sorted(counts) for length, counts in sorted(self.numbers.items())}
        return json_text(values, indent=1)

    def write(self, path: Path) -> None:
        """Write the counts as JSON."""
        write_text(path, self.as_json())

    @classmethod
    def read(cls, path: str | Path) -> NoiseStatistics:
        """Read what ``write`` wrote, in this version or in 0.1.0.

        Raises:
            InputError: the file does not hold such counts, or no error was counted.
        """
        cure = "make the file with gaprelm noise fit PAIRS -o FILE"
        values = read_json(Path(path), cure)
        try:
            found = values.get("format")
            if found not in (FORMAT, FIRST_FORMAT):
                raise InputError(f"{path}: format {found!r}; expected {FORMAT!r} or {FIRST_FORMAT!r}\n  cure: {cure}")
            statistics = _statistics(_with_runs(values) if found == FIRST_FORMAT else values)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path}: not statistics of errors ({error!r})\n  cure: {cure}") from error
        if not sum(statistics.errors.values()):
            raise InputError(f"{path}: no error was counted\n  cure: fit on pairs with errors")
        return statistics


def _statistics(values: dict[str, Any]) -> NoiseStatistics:
    read: dict[str, Any] = {name: values[name] for name in ("sentences", "with_error", "touching")}
    for name in ("occurrences", *_TEXTS):
        read[name] = _counter(values[name])
    for name in _TABLES:
        read[name] = {text: _counter(others) for text, others in values[name].items()}
    read["runs"] = {kind: _numbered(counts) for kind, counts in values["runs"].items()}
    read["numbers"] = {int(length): _numbered(counts) for length, counts in values["numbers"].items()}
    return NoiseStatistics(**read)


def _with_runs(values: dict[str, Any]) -> dict[str, Any]:
    """Counts of the first form, in which every character is an error, in the present one."""
    counts = {name: _counter(values[name]).total() for name in (names.MISSING, names.REPEATED, names.CONTEXT)}
    counts[names.WRONG] = sum(_counter(others).total() for others in values[names.WRONG].values())
    return values | {"runs": {kind: {"1": n} for kind, n in counts.items()}, "touching": 0, names.PUNCTUATION: {}}


def _numbered(counts: dict[str, Any]) -> Counter[int]:
    return _counter({int(number): count for number, count in counts.items()})


def _counter(counts: dict[Any, Any]) -> Counter[Any]:
    """The counts of a file.

    Raises:
        ValueError: a count is not a whole number from 0.
    """
    for count in counts.values():
        if type(count) is not int or count < 0:
            raise ValueError(f"count {count!r}")
    return Counter(counts)


def _sorted(counts: Counter[int]) -> dict[str, int]:
    return {str(number): counts[number] for number in sorted(counts)}


def fit(pairs: Iterable[tuple[str, Sequence[str]]]) -> NoiseStatistics:
    """Count the errors of sentences against their references; of several references only the first is used."""
    statistics = NoiseStatistics()
    for source, targets in pairs:
        if targets:
            statistics.add(source, targets[0])
    return statistics
