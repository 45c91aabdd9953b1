"""Batches of many requests: order, fairness, errors, closing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest

from gaprelm.service.batching import Batcher, QueueFullError, WorkerError


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


def test_requests_that_come_together_share_batches_and_the_short_one_goes_first(batcher, held):
    first = batcher.submit(["a"])
    assert held.started.wait(10)
    many, one = batcher.submit(["p", "q", "r", "s", "t"]), batcher.submit(["z"])
    held.go.set()
    assert first.result(10) == ["A"]
    assert one.result(10) == ["Z"]
    assert many.result(10) == ["P", "Q", "R", "S", "T"]
    assert held.batches == [["a"], ["z", "p", "q", "r"], ["s", "t"]]


def test_a_long_text_has_a_batch_of_its_own(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    long, short = batcher.submit(["x" * 99, "y" * 6, "z" * 6]), batcher.submit(["s"])
    held.go.set()
    assert short.result(10) == ["S"]
    assert long.result(10)[2] == "Z" * 6
    assert held.batches == [["a"], ["s"], ["x" * 99], ["y" * 6], ["z" * 6]]


def test_the_oldest_is_not_put_off_for_ever(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    batcher._max_waiting = 1000
    long = batcher.submit(["x" * 11])
    short = [batcher.submit([letter * 9]) for letter in "bcdef"]
    held.go.set()
    for future in [long, *short]:
        future.result(10)
    assert [batch[0][0] for batch in held.batches] == ["a", "b", "c", "x", "d", "e", "f"]


def test_characters_are_counted_and_long_requests_keep_no_short_one_out(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    long = batcher.submit(["x" * 99])  # alone it may be bigger than the queue
    for refused in (["y" * 11], ["y" * 6, "z" * 6]):
        with pytest.raises(QueueFullError):
            batcher.submit(refused)
    short = batcher.submit(["s" * 8])
    with pytest.raises(QueueFullError):
        batcher.submit(["t"])
    held.go.set()
    assert short.result(10) == ["S" * 8]
    assert long.result(10) == ["X" * 99]


class Ending(BaseException):
    """What a library in Rust raises when it panics is no Exception either."""


def test_short_requests_pass_in_the_middle_of_a_long_text():
    batches, made = [], []

    def run(items):
        batches.append(items)
        if len(items[0]) > 10:  # the long text; the other two come while it runs
            made.extend([batcher.submit(["s"]), batcher.submit(["bad"]), batcher.submit(["y" * 11])])
            batcher.give_way()
            assert made[0].result(0) == ["S"]
        else:
            batcher.give_way()  # it does nothing in a short one
        if "bad" in items:
            raise Ending
        return [item.upper() for item in items]

    batcher = Batcher(run, 4, max_waiting=99, size=len, max_size=10)
    assert batcher.submit(["x" * 12]).result(10) == ["X" * 12]
    batcher.close(finish=False)
    assert [batch[0][0] for batch in batches[:4]] == ["x", "s", "s", "b"]
    with pytest.raises(WorkerError, match="Ending"):
        made[1].result(0)


def test_the_worker_survives_and_is_started_anew(batcher, held, monkeypatch, caplog):
    held.go.set()
    ending = Mock(side_effect=[Ending("秘密"), Ending])
    monkeypatch.setattr(batcher, "_run", ending)
    with pytest.raises(WorkerError, match="Ending"):
        batcher.submit(["a"]).result(10)
    first = batcher._thread
    monkeypatch.setattr(batcher, "_run", held)
    with monkeypatch.context() as patched:
        patched.setattr(batcher, "_run_batch", Mock(side_effect=Ending("秘密")))
        with pytest.raises(WorkerError):
            batcher.submit(["b"]).result(10)
        first.join(10)
    assert not first.is_alive()
    assert batcher.submit(["c"]).result(10) == ["C"]
    assert batcher.stuck_for() == 0
    assert "Ending" in caplog.text
    assert "秘密" not in caplog.text


def test_what_the_worker_does_can_be_seen(batcher, held):
    batcher.submit(["a"])
    assert held.started.wait(10)
    assert 0 < batcher.stuck_for() < 10
    held.go.set()
    batcher.close()
    assert batcher.stuck_for() == float("inf")


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
