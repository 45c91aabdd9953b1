"""Batches of many requests: order, fairness, errors, closing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gaprelm.service.batching import Batcher, QueueFullError


class Held:
    """A ``run`` that waits for permission, and notes what it was given."""

    def __init__(self):
        self.batches, self.started, self.go = [], threading.Event(), threading.Event()

    def __call__(self, items):
        self.batches.append(list(items))
        self.started.set()
        assert self.go.wait(10)
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@pytest.fixture
def held():
    return Held()


@pytest.fixture
def batcher(held):
    made = Batcher(held, 4, max_waiting=8, size=len, max_size=10)
    yield made
    held.go.set()
    made.close()


def test_requests_that_come_together_share_batches_in_turn(batcher, held):
    first = batcher.submit(["a"])
    assert held.started.wait(10)
    many, one = batcher.submit(["p", "q", "r", "s", "t"]), batcher.submit(["z"])
    held.go.set()
    assert first.result(10) == ["A"]
    assert one.result(10) == ["Z"]
    assert many.result(10) == ["P", "Q", "R", "S", "T"]
    assert held.batches == [["a"], ["p", "z", "q", "r"], ["s", "t"]]


def test_a_batch_of_long_texts_holds_few(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    long, short = batcher.submit(["x" * 99, "y" * 6, "z" * 6]), batcher.submit(["s"])
    held.go.set()
    assert short.result(10) == ["S"]
    assert long.result(10)[2] == "Z" * 6
    assert held.batches == [["a"], ["x" * 99], ["s", "y" * 6, "z" * 6]]


def test_no_texts_no_waiting(batcher):
    assert batcher.submit([]).result(0) == []


def test_a_bad_text_fails_its_own_request_only(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    bad, good = batcher.submit(["x", "bad", "y"]), batcher.submit(["g"])
    held.go.set()
    with pytest.raises(ValueError, match="bad"):
        bad.result(10)
    assert good.result(10) == ["G"]
    assert batcher.submit(["h"]).result(10) == ["H"]


def test_a_full_queue_refuses_and_cancelling_frees_places(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    big = batcher.submit(["b"] * 8)
    with pytest.raises(QueueFullError):
        batcher.submit(["c"])
    assert big.cancel()
    kept = batcher.submit(["c"])
    held.go.set()
    assert kept.result(10) == ["C"]
    assert held.batches == [["a"], ["c"]]


def test_one_request_may_be_bigger_than_the_queue(batcher, held):
    held.go.set()
    assert batcher.submit(["b"] * 20).result(10) == ["B"] * 20


def test_closing_without_finishing_ends_after_the_batch_that_runs(held):
    batcher = Batcher(held, 1, max_waiting=8, size=len, max_size=10)
    first, second = batcher.submit(["a"]), batcher.submit(["b"])
    assert held.started.wait(10)
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(batcher.close, finish=False)
        while not batcher._closed:
            pass
        held.go.set()
        closing.result(10)
    assert first.result(0) == ["A"]
    assert not second.done()


def test_closing_finishes_what_was_accepted(held):
    batcher = Batcher(held, 2, max_waiting=8, size=len, max_size=10)
    futures = [batcher.submit([letter, letter]) for letter in "abc"]
    with ThreadPoolExecutor(1) as pool:
        closing = pool.submit(batcher.close)
        held.go.set()
        closing.result(10)
    assert [future.result(0) for future in futures] == [["A", "A"], ["B", "B"], ["C", "C"]]
    with pytest.raises(QueueFullError):
        batcher.submit(["d"])
