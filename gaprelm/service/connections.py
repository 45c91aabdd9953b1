"""A connection that cannot hold up the service: deadlines, a place among few, and refusals in the documented form.

uvicorn has a deadline for the time between two requests only. Here the head of a request has one, too, and an answer
that nobody reads; that for the body is in ``middleware``. uvicorn's ``limit_concurrency`` says how many connections
there are places for. When all are taken, the connection that has waited for its client for the longest time is closed.
So silent connections, however many, keep nobody out.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from http import HTTPStatus
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from gaprelm.service.limits import RefusedError
from gaprelm.service.middleware import refused

ACCEPTED_AT_ONCE = 16  # asyncio accepts so many before any of them can be refused
HEAD_S = 10  # time for the head of a request to arrive
_MOVE_S = 5  # a body, or the reading of an answer, may take so long even if others want its place
_MOST_CHUNKS = 4096  # of a body; to read one takes as long as many kilobytes
_UNREAD_S = 60  # an answer must move by _LEAST_READ bytes in this time
_LEAST_READ = 1 << 16
_SPARE_FILES = 32  # for the model, the page's files, the log
# Rounds of asyncio from accepting a connection to closing it. In each as many are accepted again.
_ROUNDS = 4
_FEWEST_PLACES = 8


def places(most: int) -> int:
    """How many connections there are places for: ``most``, or fewer if the process may open too few files.

    A connection for which no place is left is accepted nevertheless, and told so; there are files for a few of these.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return most
    free = soft - _open_files() - _SPARE_FILES - _ROUNDS * ACCEPTED_AT_ONCE
    return max(min(most, free), _FEWEST_PLACES)


def _open_files() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return _SPARE_FILES


class _Parser(h11.Connection):
    """h11 with a bound on the chunks of a body, most of which could hold a single byte."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER)
        self._chunks = 0

    def next_event(self) -> Any:
        """The next event of the client.

        Raises:
            h11.RemoteProtocolError: what it sent is not HTTP, or a body has too many chunks (status 413).
        """
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._chunks = 0
        elif isinstance(event, h11.Data) and event.chunk_start:
            self._chunks += 1
            if self._chunks > _MOST_CHUNKS:
                raise h11.RemoteProtocolError("too many chunks", error_status_hint=413)
        return event


class Connection(H11Protocol):
    """One connection of a client; ``http=Connection`` makes uvicorn use it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.conn = _Parser()
        self._places = self.limit_concurrency or sys.maxsize
        self.limit_concurrency = None  # uvicorn's own refusal has another form, and comes for silent connections too
        self._deadline: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._waits_since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch_client()
        self._take_place()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._reading):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        # uvicorn stops its clock between two requests at any byte, so from now on the head's runs.
        self._watch_client()
        super().data_received(data)
        self._watch_client()

    def on_response_complete(self) -> None:
        self._waits_since = self.loop.time()
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:  # of a body that nobody asked for the rest may still come
            self._watch_client()

    def send_400_response(self, msg: str) -> None:
        """uvicorn calls this where a request is not HTTP."""
        status = getattr(sys.exception(), "error_status_hint", 400)
        if status == 413:
            detail = f"the body has more than {_MOST_CHUNKS} chunks: send larger ones, or its length"
            self._refuse(RefusedError(413, "body_too_large", detail))
        elif status == 431:
            self._refuse(RefusedError(431, "head_too_large", "the head of the request is too large: send less of it"))
        else:
            self._refuse(RefusedError(status, "not_http", "the request is not HTTP/1.1 as this service reads it"))

    # The deadline of the head ----------------------------------------------------------------------------------------

    def _watch_client(self) -> None:
        """Let the clock run while the client owes the head of a request, or the rest of a body that nobody reads."""
        owes = self.conn.their_state is h11.IDLE or self.conn.our_state in (h11.DONE, h11.MUST_CLOSE)
        if not owes and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
            self._waits_since = self.loop.time()  # for the body
        elif owes and self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_S, self._is_too_slow)

    def _is_too_slow(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            detail = f"the head of the request did not arrive in full within {HEAD_S} s: send it again"
            self._refuse(RefusedError(408, "too_slow", detail))
        else:  # browsers open connections that they then do not need; these expect no answer
            self.transport.close()

    def _refuse(self, refusal: RefusedError) -> None:
        """Answer in the documented form, and close."""
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps(refusal.as_dict()).encode()
            headers = [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
                ("Connection", "close"),
            ]
            reason = HTTPStatus(refusal.status).phrase
            answer = h11.Response(status_code=refusal.status, headers=headers, reason=reason)
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    # Places ----------------------------------------------------------------------------------------------------------

    def _take_place(self) -> None:
        present = [other for other in self.connections if isinstance(other, Connection) and other.is_present()]
        if len(present) <= self._places:
            return
        waiting = [other for other in present if other is not self and other.can_go()]
        if waiting:
            min(waiting, key=Connection.rank).transport.abort()
        elif len(present) <= self._places + ACCEPTED_AT_ONCE:
            self.app = _no_place
        else:
            self.transport.abort()

    def is_present(self) -> bool:
        """Whether it has not been closed."""
        return not self.transport.is_closing()

    def can_go(self) -> bool:
        """Whether it may be closed for others: it waits for its client, to send or to read, not the client for it."""
        if self._is_idle():
            return True
        unread = self.cycle.response_complete or self._reading is not None
        return (self.cycle.more_body or unread) and self.loop.time() - self._waits_since > _MOVE_S

    def rank(self) -> tuple[bool, float]:
        """The lowest is closed first: those between requests, then those that waited for the longest time."""
        return not self._is_idle(), self._waits_since

    def _is_idle(self) -> bool:
        return self.cycle is None or (self.cycle.response_complete and not self.transport.get_write_buffer_size())

    # Answers that are not read ---------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """asyncio calls this when much of an answer waits to be sent."""
        super().pause_writing()
        self._waits_since = self.loop.time()
        self._await_reading()

    def resume_writing(self) -> None:
        """asyncio calls this when most of it has been sent."""
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def timeout_keep_alive_handler(self) -> None:
        """uvicorn calls this when no request follows on an answer, whether this has been read or not."""
        super().timeout_keep_alive_handler()
        if self._reading is None and self.transport.get_write_buffer_size():
            self._await_reading()

    def _await_reading(self) -> None:
        self._reading = self.loop.call_later(_UNREAD_S, self._was_read, self.transport.get_write_buffer_size())

    def _was_read(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < _LEAST_READ:
            self.transport.abort()
        else:
            self._await_reading()


async def _no_place(scope: Scope, receive: Receive, send: Send) -> None:
    refusal = RefusedError(503, "busy", "too many connections: try again in a moment")
    await refused(refusal, headers={"Connection": "close"})(scope, receive, send)
