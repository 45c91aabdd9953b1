"""Texts of requests that come together run through the model together.

One worker thread owns the model. Requests that arrive while it runs a batch wait. The next batch takes one text from
each waiting request in turn, until it is full. So nobody waits for a timer, a lone request starts at once, and a
request of a thousand texts does not hold up a request of one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class QueueFullError(Exception):
    """So many items are waiting that no more are accepted."""


class _Request(Generic[Item, Result]):
    """The items of one request, and the results so far."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = list(items)
        self.taken = 0
        self.results: dict[int, Result] = {}
        self.future: Future[list[Result]] = Future()

    def next_index(self) -> int:
        self.taken += 1
        return self.taken - 1

    @property
    def waiting(self) -> int:
        return len(self.items) - self.taken

    def put(self, index: int, result: Result) -> None:
        self.results[index] = result
        if len(self.results) == len(self.items) and self.future.set_running_or_notify_cancel():
            self.future.set_result([self.results[i] for i in range(len(self.items))])

    def fail(self, error: Exception) -> None:
        # A request fails as a whole with its first item that fails; its other items are not run.
        if not self.future.done() and self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class Batcher(Generic[Item, Result]):
    """Runs items of many requests in common batches, in one thread.

    Args:
        run: gives the results for items, in their order; it is called in the worker thread only.
        batch_size: how many items ``run`` is given in one call, at most.
        max_waiting: how many items may wait. A request that would exceed it is refused, unless nothing else waits.
        size: gives the size of an item.
        max_size: a batch takes no more items once their sizes add up to this. It always holds one item.
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
        self._requests: deque[_Request[Item, Result]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="correcting")
        self._thread.start()

    def submit(self, items: Sequence[Item]) -> Future[list[Result]]:
        """A future of the results. Cancelling it removes the items that have not been run from the queue.

        Raises:
            QueueFullError: too many items are waiting, or the batcher is closed.
        """
        request: _Request[Item, Result] = _Request(items)
        if not request.items:
            request.future.set_result([])
            return request.future
        with self._changed:
            waiting = sum(other.waiting for other in self._requests if not other.future.done())
            if self._closed or (waiting and waiting + len(request.items) > self._max_waiting):
                raise QueueFullError
            self._requests.append(request)
            self._changed.notify()
        return request.future

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
        self._thread.join()

    def _work(self) -> None:
        while batch := self._take():
            try:
                results = self._run([request.items[index] for request, index in batch])
            except Exception:
                # An item that fails must not fail the requests that happened to share its batch.
                self._run_one_by_one(batch)
            else:
                for (request, index), result in zip(batch, results, strict=True):
                    request.put(index, result)

    def _run_one_by_one(self, batch: list[tuple[_Request[Item, Result], int]]) -> None:
        for request, index in batch:
            if request.future.done():
                continue
            try:
                request.put(index, self._run([request.items[index]])[0])
            except Exception as error:
                request.fail(error)

    def _take(self) -> list[tuple[_Request[Item, Result], int]]:
        """The next batch, an item of each request in turn; empty when closed and nothing is left."""
        batch: list[tuple[_Request[Item, Result], int]] = []
        size = 0
        with self._changed:
            while not batch:
                while self._requests and len(batch) < self._batch_size and size < self._max_size:
                    request = self._requests.popleft()
                    if request.future.done():  # cancelled, or failed by an earlier text
                        continue
                    index = request.next_index()
                    batch.append((request, index))
                    size += self._size(request.items[index])
                    if request.waiting:
                        self._requests.append(request)
                if batch or self._closed:
                    break
                self._changed.wait()
        return batch
