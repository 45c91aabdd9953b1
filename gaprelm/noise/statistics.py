"""What errors people make, counted in real pairs of a sentence with errors and the correct one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from gaprelm.characters import is_han
from gaprelm.edits.alignment import align
from gaprelm.edits.edit import DELETE, INSERT, REPLACE, Edit
from gaprelm.errors import InputError
from gaprelm.json_files import json_text, read_json
from gaprelm.noise import settings as names
from gaprelm.textio import write_text

FORMAT = "gaprelm noise statistics 1"
LENGTH_STEP = 10
LEARNED_KINDS = (names.WRONG, names.MISSING, names.REPEATED, names.CONTEXT, names.SWAPPED)


@dataclass
class NoiseStatistics:
    """Counts over pairs. Each Chinese character that is wrong, missing or redundant counts as an error.

    sentences: all pairs. with_error: the pairs with an error.
    occurrences: how often each character occurs in correct sentences.
    wrong: for a correct character, how often each other one was written instead.
    missing: characters that were left out.
    repeated, context: redundant characters, equal to a neighbour or not.
    swapped: of two neighbours that changed places, the one that comes first in the correct sentence.
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
    numbers: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def errors(self) -> dict[str, int]:
        """Errors of each of ``LEARNED_KINDS``."""
        counts = {name: getattr(self, name).total() for name in LEARNED_KINDS[1:]}
        return {names.WRONG: sum(counter.total() for counter in self.wrong.values()), **counts}

    def add(self, source: str, target: str) -> None:
        """Count a pair."""
        errors = sum(self._errors(source, target))
        length = sum(map(is_han, target))
        self.sentences += 1
        self.occurrences.update(filter(is_han, target))
        if errors:
            self.with_error += 1
            self.numbers[length // LENGTH_STEP * LENGTH_STEP][errors] += 1

    def _errors(self, source: str, target: str) -> Iterator[int]:
        """Count the errors of a pair; yields the number of errors that each edit stands for."""
        edits = align(source, target)
        second_of_swap = False
        for edit, following in pairwise([*edits, Edit(-1, -1, "")]):
            if second_of_swap:
                second_of_swap = False
            elif _is_swap(source, edit, following):
                second_of_swap = True
                self.swapped[edit.text] += 1
                yield 1
            else:
                yield self._count(source, edit)

    def _count(self, source: str, edit: Edit) -> int:
        written = source[edit.start : edit.end]
        if edit.type == INSERT:
            missing = [character for character in edit.text if is_han(character)]
            self.missing.update(missing)
            return len(missing)
        if not is_han(written) or (edit.type == REPLACE and not is_han(edit.text)):
            return 0
        if edit.type == DELETE:
            neighbours = source[max(0, edit.start - 1) : edit.start] + source[edit.end : edit.end + 1]
            (self.repeated if written in neighbours else self.context)[written] += 1
        else:
            self.wrong[edit.text][written] += 1
        return 1

    def as_json(self) -> str:
        """The counts as JSON, in the form that ``read`` reads."""
        values: dict[str, Any] = {"format": FORMAT, "sentences": self.sentences, "with_error": self.with_error}
        for name in ("occurrences", *LEARNED_KINDS[1:]):
            values[name] = dict(getattr(self, name).most_common())
        values["wrong"] = {text: dict(others.most_common()) for text, others in sorted(self.wrong.items())}
        values["numbers"] = {str(length): _sorted(counts) for length, counts in sorted(self.numbers.items())}
        return json_text(values, indent=1)

    def write(self, path: Path) -> None:
        """Write the counts as JSON."""
        write_text(path, self.as_json())

    @classmethod
    def read(cls, path: str | Path) -> NoiseStatistics:
        """Read what ``write`` wrote.

        Raises:
            InputError: the file does not hold such counts, or no error was counted.
        """
        cure = "make the file with gaprelm noise fit PAIRS -o FILE"
        values = read_json(Path(path), cure)
        try:
            if values.get("format") != FORMAT:
                raise InputError(f"{path}: format {values.get('format')!r}; expected {FORMAT!r}\n  cure: {cure}")
            statistics = cls(
                sentences=values["sentences"],
                with_error=values["with_error"],
                occurrences=_counter(values["occurrences"]),
                wrong={text: _counter(others) for text, others in values["wrong"].items()},
                **{name: _counter(values[name]) for name in LEARNED_KINDS[1:]},
                numbers={int(k): _counter({int(n): c for n, c in v.items()}) for k, v in values["numbers"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path}: not statistics of errors ({error!r})\n  cure: {cure}") from error
        if not sum(statistics.errors.values()):
            raise InputError(f"{path}: no error was counted\n  cure: fit on pairs with errors")
        return statistics


def _counter(counts: dict[Any, Any]) -> Counter[Any]:
    """The counts of a file.

    Raises:
        ValueError: a count is not a whole number from 0.
    """
    for count in counts.values():
        if type(count) is not int or count < 0:
            raise ValueError(f"count {count!r}")
    return Counter(counts)


def _is_swap(source: str, edit: Edit, following: Edit) -> bool:
    return (
        edit.type == following.type == REPLACE
        and following.start == edit.end
        and source[edit.start : following.end] == following.text + edit.text
        and is_han(edit.text)
        and is_han(following.text)
    )


def _sorted(counts: Counter[int]) -> dict[str, int]:
    return {str(number): counts[number] for number in sorted(counts)}


def fit(pairs: Iterable[tuple[str, Sequence[str]]]) -> NoiseStatistics:
    """Count the errors of sentences against their references; of several references only the first is used."""
    statistics = NoiseStatistics()
    for source, targets in pairs:
        if targets:
            statistics.add(source, targets[0])
    return statistics
