"""Connections: silent, slow, many, without an end, without HTTP."""

import asyncio
import json
import logging
import re
import resource
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

from gaprelm.service import connections
from gaprelm.service.batching import Batcher
from gaprelm.service.logs import OncePerSecond
from gaprelm.service.middleware import _SMALL_BODY, BodyLimit
from tests.service import conftest

PLACES = 8  # of the service at ``address``
HEAD = "POST /correct HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
MEGABYTES = b"GET /swagger/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def connect(address):
    """Opens a connection to the service, and sends something."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    opened = []

    def connected(sent=b""):
        opened.append(socket.create_connection((host, int(port)), timeout=10))
        opened[-1].sendall(sent if isinstance(sent, bytes) else sent.encode())
        return opened[-1]

    yield connected
    for connection in opened:
        connection.close()


def answer(connection):
    """Status and code of an answer after which the connection is closed; (None, None) if there is none."""
    received = b""
    try:
        while part := connection.recv(1 << 16):
            received += part
    except ConnectionResetError:
        pass
    if not received:
        return None, None
    head, body = received.split(b"\r\n\r\n", 1)
    return int(head.split()[1]), json.loads(body)["code"]


def healthy(connection):
    connection.sendall(HEALTH)
    received = b""
    while b'"ok"' not in received:
        received += connection.recv(4096) or pytest.fail("it was closed")
    return True


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", (None, None)),
        (b"GET /health HTTP/1.1\r\nHost:", (408, "too_slow")),
        (b"not http\r\n\r\n", (400, "not_http")),
        (b"GET /health HTTP/1.1\r\n\r\n", (400, "not_http")),  # without a Host
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 80_000, (431, "head_too_large")),
        (HEAD + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", (400, "two_lengths")),
        (HEAD + "Transfer-Encoding: chunked\r\n\r\nx\r\n", (400, "not_http")),
        (HEAD + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\n \r\n" * 5000, (413, "body_too_large")),
        (HEAD + "Content-Length: 5000000\r\n\r\n" + "x" * 5_000_000, (413, "body_too_large")),
    ],
)
def test_what_is_no_request_is_answered_and_closed(connect, monkeypatch, sent, expected):
    if expected[1] in (None, "too_slow"):
        monkeypatch.setattr(connections, "HEAD_S", 0.2)
    assert answer(connect(sent)) == expected


def test_a_client_that_pauses_keeps_its_connection_and_one_that_drips_does_not(connect, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_S", 0.2)
    pausing, dripping, endless = connect(), connect(), connect()
    assert healthy(pausing)
    assert healthy(dripping)
    endless.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n")
    closed = set()
    end = time.monotonic() + 10
    while len(closed) < 2 and time.monotonic() < end:
        for connection in {dripping, endless} - closed:
            try:
                connection.sendall(b"G")
            except OSError:
                closed.add(connection)
        time.sleep(0.02)
    assert closed == {dripping, endless}
    assert healthy(pausing)


def test_silent_connections_keep_nobody_out(connect):
    silent = [connect() for _ in range(4 * PLACES)]
    assert healthy(connect())
    assert healthy(silent[-1])
    assert answer(silent[0]) == (None, None), "the one that waited for the longest time made room"


def test_clients_that_wait_for_their_answer_keep_their_place(connect, monkeypatch):
    go, submitted, submit = threading.Event(), [], Batcher.submit
    monkeypatch.setattr(conftest, "time", SimpleNamespace(sleep=lambda _: go.wait(10)))
    monkeypatch.setattr(Batcher, "submit", lambda self, jobs: submitted.append(jobs) or submit(self, jobs))
    body = json.dumps({"texts": ["我再家"]})
    request = f"{HEAD}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    served = [connect(request) for _ in range(PLACES)]
    while len(submitted) < PLACES:
        time.sleep(0.01)
    assert answer(connect(HEALTH)) == (503, "busy")
    go.set()
    for connection in served:
        assert connection.recv(15).startswith(b"HTTP/1.1 200")


def test_an_answer_that_nobody_reads_is_dropped(connect, monkeypatch):
    dropped, lost = threading.Event(), connections.Connection.connection_lost
    monkeypatch.setattr(connections, "_UNREAD_S", 0.1)
    monkeypatch.setattr(
        connections.Connection, "connection_lost", lambda self, error: (lost(self, error), dropped.set())
    )
    deaf = connect(MEGABYTES)
    assert dropped.wait(10)
    received = 0
    with suppress(ConnectionResetError):
        while part := deaf.recv(1 << 20):
            received += len(part)
    assert 0 < received < 15e6, "not all of the 30 MB, and then it is closed"


def test_deaf_clients_keep_nobody_out(connect, monkeypatch):
    paused, pause = threading.Semaphore(0), connections.Connection.pause_writing
    monkeypatch.setattr(connections, "_MOVE_S", 0)
    monkeypatch.setattr(connections.Connection, "pause_writing", lambda self: (pause(self), paused.release()))
    deaf = [connect(MEGABYTES) for _ in range(PLACES)]
    assert all(paused.acquire(timeout=10) for _ in deaf)
    assert healthy(connect())


def test_places_leave_files_for_the_service(monkeypatch):
    def places(soft):
        monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
        return connections.places(512)

    assert places(resource.RLIM_INFINITY) == 512
    assert places(65536) == 512
    assert 8 <= places(256) < 256 - connections.ACCEPTED_AT_ONCE
    assert places(64) == 8


FLOODED = """
import logging, resource
from fastapi import FastAPI
from gaprelm.service.server import bind, serve
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
logging.basicConfig(level=logging.INFO)
app = FastAPI()
app.state.cut_short = False
app.get("/health")(lambda: "ok")
with bind("127.0.0.1", 0) as bound:
    serve(app, bound)
"""


def test_a_burst_of_connections_takes_no_files_from_the_service():
    """asyncio accepts more before it closes the first: without room for these it logs an error and stops for 1 s."""
    command = [sys.executable, "-c", FLOODED]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        port = int(re.search(r":(\d+)/", service.stderr.readline())[1])
        for _ in range(3):
            burst = [socket.socket() for _ in range(200)]
            for connection in burst:
                connection.setblocking(False)
                connection.connect_ex(("127.0.0.1", port))
            with socket.create_connection(("127.0.0.1", port), timeout=30) as late:
                assert healthy(late)
            for connection in burst:
                connection.close()
        service.terminate()
        _, said = service.communicate(timeout=30)
    assert "Too many open files" not in said


def test_a_flood_of_lines_becomes_one_a_second(caplog):
    now = 0.0
    limit = OncePerSecond(lambda: now)
    caplog.handler.addFilter(limit)
    logger = logging.getLogger("flood")
    for tenth in range(25):
        now = tenth / 10
        logger.warning("bad request from %s", "somewhere")
    logger.warning("something else")
    assert caplog.messages == [
        "bad request from somewhere",
        "bad request from somewhere (9 more of these were left out)",
        "bad request from somewhere (9 more of these were left out)",
        "something else",
    ]


def test_bodies_under_way_are_bounded():
    """Large ones are refused while many are under way, small ones are not."""

    async def post(size, whole):
        parts = [b"x" * (size // 2)] * 2
        sent = []

        async def receive():
            if len(parts) == 1:
                await whole.wait()
            return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "headers": [], "path": "/correct"}
        await limit(scope, receive, send)
        return sent[0]["status"] if sent else 200

    async def app(scope, receive, send):
        assert len((await receive())["body"]) > 0

    async def several():
        now, later = asyncio.Event(), asyncio.Event()
        now.set()
        large = [asyncio.create_task(post(4 * _SMALL_BODY, later)) for _ in range(4)]  # half of each comes
        await asyncio.sleep(0.01)
        others = [await post(4 * _SMALL_BODY, now), await post(_SMALL_BODY, now)]
        later.set()
        return others, await asyncio.gather(*large)

    limit = BodyLimit(app, 8 * _SMALL_BODY, 8 * _SMALL_BODY)
    others, large = asyncio.run(several())
    assert others == [503, 200]
    assert large[-1] == 200, "the others have been refused, and left room"
    assert limit._held == 0
