"""Runs and errors that touch: as long and as many as asked for."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.noise.test_corruption import EVERY_KIND, LONG, TEXTS, corruptor, only


def lengths(kind, number=3000, **changes):
    """The shares of the numbers of characters that an error has, with one error in a sentence."""
    generator = corruptor(texts=[*TEXTS, LONG], **only(kind), **{"max_errors": 1, **changes})
    changed = [change for i in range(number) for change, _ in generator.errors(LONG, str(i))]
    counts = Counter(max(change.end - change.start, len(change.text)) for change in changed)
    return [counts[length] / counts.total() for length in range(1, max(counts) + 1)]


@pytest.mark.parametrize(
    ("kind", "type_"), [("missing", "missing"), ("repeated", "redundant"), ("context", "redundant")]
)
def test_runs_have_the_lengths_asked_for(kind, type_):
    # Clauses end, so that some are shorter.
    assert lengths(kind, runs={type_: [0.5, 0.3, 0.2]}) == pytest.approx([0.5, 0.3, 0.2], abs=0.07)
    assert lengths(kind, runs={}) == [1.0]


def test_wrong_characters_stand_side_by_side():
    single, double = lengths("same_sound", runs={"wrong": [0.6, 0.4]})
    # Some characters have no other of the same sound here.
    assert 0.2 < double < 0.41
    assert single > 0.55


def test_errors_touch_as_often_as_asked_for():
    settings = {**EVERY_KIND, "texts": [*TEXTS, LONG], "characters_per_error": 15}
    for share, least, most in ((0.0, 0.0, 0.0), (0.3, 0.2, 0.31), (1.0, 0.6, 1.0)):
        generator = corruptor(**{**settings, "touching": share})
        found = [[change for change, _ in generator.errors(LONG, str(i))] for i in range(500)]
        neighbours = [pair for changes in found for pair in pairwise(changes)]
        assert least <= sum(first.end == second.start for first, second in neighbours) / len(neighbours) <= most, share


def test_errors_never_overlap():
    generator = corruptor(**{**EVERY_KIND, "touching": 1.0}, characters_per_error=2)
    for number in range(1000):
        changes = [change for change, _ in generator.errors(LONG, str(number))]
        assert all(first.end <= second.start for first, second in pairwise(changes)), number
