"""Runs an application as a process that listens at an address and ends cleanly."""

from __future__ import annotations

import errno
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from gaprelm.errors import ConfigurationError
from gaprelm.service.connections import ACCEPTED_AT_ONCE, Connection, places
from gaprelm.service.logs import bounded_logs

logger = logging.getLogger(__name__)

IDLE_S = 30  # a connection is kept open while a person pauses in typing
# A client that does not read its answer must not keep the process alive for ever.
_LAST_REQUESTS_S = 300
MAX_CONNECTIONS = 512
_NOT_ACCEPTED = 512  # so many connections wait in the kernel until they are accepted; they take no files


def bind(host: str, port: int) -> socket.socket:
    """A socket that is bound to an address and does not listen yet: a taken port shows before the model is loaded.

    Args:
        host: a name or an address of this machine.
        port: 0 takes any free one.

    Raises:
        ConfigurationError: the address cannot be bound.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except (OSError, UnicodeError) as error:  # UnicodeError: the name cannot be a host name
        cures = {
            errno.EADDRINUSE: f"end the program that uses port {port}, or give another: --port {port + 1}",
            errno.EACCES: "ports below 1024 need special rights: give a higher one with --port",
        }
        cure = cures.get(
            getattr(error, "errno", 0), "give an address of this machine, such as 127.0.0.1 or 0.0.0.0, with --host"
        )
        raise ConfigurationError(
            f"{host}, port {port}: {getattr(error, 'strerror', None) or error}\n  cure: {cure}"
        ) from error
    return bound


def address_of(bound: socket.socket) -> str:
    """The web address of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}/" if bound.family == socket.AF_INET6 else f"http://{host}:{port}/"


def configuration(app: FastAPI, max_connections: int = MAX_CONNECTIONS) -> uvicorn.Config:
    """How uvicorn runs the application."""
    # No access log: it would hold the addresses of users, and it takes time.
    return uvicorn.Config(
        app,
        http=Connection,
        limit_concurrency=places(max_connections),
        backlog=ACCEPTED_AT_ONCE,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
    )


def serve(app: FastAPI, bound: socket.socket, max_connections: int = MAX_CONNECTIONS) -> None:
    """Answer requests until SIGINT or SIGTERM, then finish the requests that were accepted.

    Args:
        app: what answers.
        bound: from ``bind``.
        max_connections: how many clients may be connected, fewer if the process may open too few files.

    Raises:
        KeyboardInterrupt: a second SIGINT ended it at once.
    """
    server = Server(configuration(app, max_connections))
    with _ended_by_signals(server), bounded_logs():
        bound.listen(_NOT_ACCEPTED)  # now, so that a client can connect as soon as the address below is printed
        logger.info("serving at %s (Ctrl-C ends it)", address_of(bound))
        server.run(sockets=[bound])
    if server.force_exit:
        app.state.batcher.close(finish=False)
        raise KeyboardInterrupt
    left = app.state.cut_short
    logger.info("ended; %s accepted requests are answered", "not all" if left else "all")


class Server(uvicorn.Server):
    """A server that ends without an error when it is told to end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        for bound in sockets or []:  # asyncio has one number for these and for those that it accepts at once
            bound.listen(_NOT_ACCEPTED)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: ``serve`` handles them, from before the address is printed until the end."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self.force_exit:  # otherwise a traceback would be logged for every request that is cut short
            logging.getLogger("uvicorn.error").disabled = True


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
