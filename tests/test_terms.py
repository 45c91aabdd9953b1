"""Many words at once: the automaton and the table find the same."""

import pickle
import random
import time

import pytest

from gaprelm import terms
from gaprelm.terms import Terms

TEXTS = ["", "甲乙丙甲乙", "乙甲\ud800甲甲😀乙丙", "甲" * 20 + "\0", "丁"]


@pytest.mark.parametrize("longest", [False, True])
def test_the_table_finds_what_the_automaton_finds(monkeypatch, longest):
    draw = random.Random(0)
    for _ in range(50):
        words = tuple("".join(draw.choices("甲乙丙😀", k=draw.randint(1, 4))) for _ in range(draw.randint(1, 12)))
        texts = [*TEXTS, "".join(draw.choices("甲乙丙😀丁", k=30))]
        found = []
        for many in (10**9, 1):
            monkeypatch.setattr(terms, "_MANY", many)
            search = pickle.loads(pickle.dumps(Terms(words, longest)))
            found.append([list(search.find(text)) if longest else set(search.find(text)) for text in texts])
        assert found[0] == found[1]


def test_many_words_are_prepared_at_once():
    """The automaton took 13 seconds for a million."""
    words = tuple(f"{number:06}" for number in range(50_000))
    started = time.process_time()
    search = Terms(words)
    assert list(search.find("x049999")) == [(1, 7, "049999")]
    assert time.process_time() - started < 0.5
