"""Texts of requests that come together run through the model together.

One worker thread owns the model. Requests that arrive while it runs a batch wait. The next batch takes the texts of
the request with the least left, then those of the next, until it is full. Each fourth batch begins with the oldest
request, so that a long one is not put off for ever. Nobody waits for a timer, and a lone request starts at once.

A text that is longer than a batch lets others pass in its middle: ``run`` calls ``give_way`` between two passes of the
model. What passes may be up to a quarter of its size.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

logger = logging.getLogger(__name__)
_OLDEST_FIRST = 4  # each so many batches


class QueueFullError(Exception):
    """So much is waiting that no more is accepted."""


class WorkerError(Exception):
    """The model ended with something that would have ended the thread, such as a panic of a library in Rust."""


class _Request(Generic[Item, Result]):
    """The items of one request, and the results so far.

    size: of all items; ``left``: of those that have not been taken.
    """

    def __init__(self, items: Sequence[Item], sizes: Sequence[int]) -> None:
        self.items, self.sizes = list(items), list(sizes)
        self.taken, self.size = 0, sum(sizes)
        self.left = self.size
        self.results: dict[int, Result] = {}
        self.future: Future[list[Result]] = Future()

    @property
    def is_waiting(self) -> bool:
        return self.taken < len(self.items) and not self.future.done()

    @property
    def next_size(self) -> int:
        return self.sizes[self.taken]

    def next_index(self) -> int:
        self.left -= self.next_size
        self.taken += 1
        return self.taken - 1

    def put(self, index: int, result: Result) -> None:
        self.results[index] = result
        if len(self.results) == len(self.items) and self.future.set_running_or_notify_cancel():
            self.future.set_result([self.results[i] for i in range(len(self.items))])

    def fail(self, error: Exception) -> None:
        # A request fails as a whole with its first item that fails; its other items are not run.
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


_Batch = list[tuple[_Request[Item, Result], int]]


class Batcher(Generic[Item, Result]):
    """Runs items of many requests in common batches, in one thread, which is started anew should it ever die.

    A request is short if it fits into one batch.

    Args:
        run: gives the results for items, in their order; it is called in the worker thread only.
        batch_size: how many items ``run`` is given in one call, at most.
        max_waiting: what may wait, as the sum of sizes. A request that would exceed it is refused, unless nothing else
            waits. Long requests take no place from short ones: for these, only short ones count.
        size: gives the size of an item.
        max_size: the items of a batch have at most this size together, unless it is a single one.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result]],
        batch_size: int,
        max_waiting: int,
        size: Callable[[Item], int],
        max_size: int,
    ) -> None:
        self._run, self._batch_size, self._max_waiting = run, batch_size, max_waiting
        self._size, self._max_size = size, max_size
        self._requests: list[_Request[Item, Result]] = []  # the oldest first
        self._changed = threading.Condition()
        self._closed = False
        self._batches = 0
        self._current: _Batch[Item, Result] = []
        self._passing = 0  # requests with at most so much left may pass what runs now
        self._last_step = time.monotonic()
        self._start()

    def submit(self, items: Sequence[Item]) -> Future[list[Result]]:
        """A future of the results. Cancelling it removes the items that have not been run from the queue.

        Raises:
            QueueFullError: too much is waiting, or the batcher is closed.
        """
        request: _Request[Item, Result] = _Request(items, [self._size(item) for item in items])
        if not request.items:
            request.future.set_result([])
            return request.future
        short = request.size <= self._max_size
        with self._changed:
            others = [o for o in self._requests if o.is_waiting and (o.size <= self._max_size or not short)]
            if self._closed or (others and sum(o.left for o in others) + request.size > self._max_waiting):
                raise QueueFullError
            self._requests.append(request)
            self._changed.notify()
        return request.future

    def stuck_for(self) -> float:
        """For how many seconds the worker has been at one pass of the model; 0 if it waits; infinity if it is dead."""
        if not self._thread.is_alive():
            return float("inf")
        return time.monotonic() - self._last_step if self._current else 0.0

    def give_way(self) -> None:
        """Run requests that may pass, if a long item runs now: for ``run`` to call in its middle."""
        self._last_step = time.monotonic()
        if not self._passing:
            return
        with self._changed:
            batch = self._next_batch(_shortest_first([r for r in self._waiting() if r.left <= self._passing]))
        if batch:
            before, self._passing = self._passing, self._may_pass(batch)
            self._run_batch(batch)
            self._passing = before

    def _may_pass(self, batch: _Batch[Item, Result]) -> int:
        size = sum(request.sizes[index] for request, index in batch)
        return max(size // 4, self._max_size) if size > self._max_size else 0

    def close(self, finish: bool = True) -> None:
        """End the thread.

        Args:
            finish: first run everything that was accepted; else only the batch that is running now.
        """
        with self._changed:
            self._closed = True
            if not finish:
                self._requests.clear()
            self._changed.notify()
        ended = None
        while ended is not self._thread:  # a thread that died has started another
            ended = self._thread
            ended.join()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="correcting")
        self._thread.start()

    def _work(self) -> None:
        try:
            while batch := self._take():
                self._current, self._last_step = batch, time.monotonic()
                self._passing = self._may_pass(batch)
                self._run_batch(batch)
                self._current = []
        except BaseException as error:
            # Its words may quote the text of a user, so only its type is logged.
            logger.error("the worker died with %s; another goes on", type(error).__name__)
            for request, _ in self._current:
                request.fail(WorkerError(type(error).__name__))
            self._current = []
            self._start()

    def _run_batch(self, batch: _Batch[Item, Result]) -> None:
        try:
            results = self._run([request.items[index] for request, index in batch])
            done = list(zip(batch, results, strict=True))
        except BaseException:
            # An item that fails must not fail the requests that happened to share its batch.
            self._run_one_by_one(batch)
        else:
            for (request, index), result in done:
                request.put(index, result)

    def _run_one_by_one(self, batch: _Batch[Item, Result]) -> None:
        for request, index in batch:
            if request.future.done():
                continue
            try:
                request.put(index, self._run([request.items[index]])[0])
            except Exception as error:
                request.fail(error)
            except BaseException as error:  # raised where the result is asked for, it would end the whole service
                request.fail(WorkerError(type(error).__name__))

    def _take(self) -> _Batch[Item, Result]:
        """The next batch; empty when closed and nothing is left."""
        with self._changed:
            while not (waiting := self._waiting()):
                if self._closed:
                    return []
                self._changed.wait()
            self._batches += 1
            order = _shortest_first(waiting)
            if self._batches % _OLDEST_FIRST == 0:
                order = [waiting[0], *(request for request in order if request is not waiting[0])]
            return self._next_batch(order)

    def _waiting(self) -> list[_Request[Item, Result]]:
        """The requests with items that have not been taken; what is done, or was cancelled, is forgotten."""
        self._requests = [request for request in self._requests if request.is_waiting]
        return self._requests

    def _next_batch(self, order: Sequence[_Request[Item, Result]]) -> _Batch[Item, Result]:
        batch: _Batch[Item, Result] = []
        room = self._max_size
        for request in order:
            while request.is_waiting and len(batch) < self._batch_size and (not batch or request.next_size <= room):
                room -= request.next_size
                batch.append((request, request.next_index()))
            if room <= 0 or len(batch) == self._batch_size:
                break
        return batch


def _shortest_first(requests: Sequence[_Request[Item, Result]]) -> list[_Request[Item, Result]]:
    return sorted(requests, key=lambda request: request.left)
