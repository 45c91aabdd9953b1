"""Fetches public files: tries again when the network fails, checks the sha256, and writes a whole file or none."""

from __future__ import annotations

import hashlib
import io
import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO
from urllib import request
from urllib.error import HTTPError

from gaprelm.errors import InputError
from gaprelm.textio import file_hash, replacing

_TIMEOUT_S = 60
_ATTEMPTS = 4
# HTTP status codes of a server that is busy or has a temporary fault.
_PASSING = (408, 425, 429, 500, 502, 503, 504)
# Where nobody knows the size of a file.
MOST_BYTES = 4 << 30
_PIECE = 1 << 16
# A transfer ends when it is slower on average, after so many seconds of grace.
_SLOWEST_BYTES_S = 8 << 10
_GRACE_S = 60.0

logger = logging.getLogger(__name__)


class _CutOffError(OSError):
    """The transfer ended before the announced length."""


class _TooSlowError(OSError):
    """The transfer took too long for what it brought."""


def fetch(address: str, output: Path, sha256: str, otherwise: str, most: int = MOST_BYTES, wait_s: float = 1.0) -> None:
    """Write the content of an address to a file, whole or not at all.

    A transfer may take a minute, and a second more for every 8 KiB.

    Args:
        address: a web address (http, https), or the path of a file.
        sha256: of the content, hexadecimal.
        otherwise: for messages: what to do instead if it cannot be fetched.
        most: bytes that the content may have.
        wait_s: pause before the second attempt, doubled before each further one.

    Raises:
        InputError: it cannot be fetched in four attempts, is larger, or its sha256 differs; ``output`` is then as it
            was before.
    """
    with replacing(output) as temporary:
        with temporary.open("wb") as handle:
            _transfer(address, handle, otherwise, most, wait_s)
        _check_sum(file_hash(temporary), sha256, address)


def fetch_bytes(
    address: str,
    sha256: str,
    otherwise: str,
    most: int,
    convert: Callable[[bytes], bytes] | None = None,
    wait_s: float = 1.0,
) -> bytes:
    """The content of an address.

    Args:
        convert: turns the fetched content into what is returned; the sha256 is that of the result.
        address, sha256, otherwise, most, wait_s: as in ``fetch``.

    Raises:
        InputError: as ``fetch``, or what ``convert`` raises.
    """
    buffer = io.BytesIO()
    _transfer(address, buffer, otherwise, most, wait_s)
    content = buffer.getvalue()
    if convert is None:
        _check_sum(hashlib.sha256(content).hexdigest(), sha256, address)
        return content
    made = convert(content)
    _check_sum(hashlib.sha256(made).hexdigest(), sha256, f"{address}: what is made from it")
    return made


def _check_sum(found: str, expected: str, what: str) -> None:
    if found != expected:
        raise InputError(
            f"{what} has sha256 {found}, expected {expected}\n"
            "  cure: the file has changed or is another one; take the published one of the named commit, or check the "
            "file and set its sha256 in the configuration"
        )


def _transfer(address: str, handle: BinaryIO, otherwise: str, most: int, wait_s: float) -> None:
    copy: Callable[[str, BinaryIO, int], None] = _copy_url if "://" in address else _copy_file
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            handle.seek(0)
            handle.truncate()
            copy(address, handle, most)
            return
        except (OSError, HTTPException, ValueError) as error:
            final = isinstance(error, HTTPError) and error.code not in _PASSING
            # Trying again does not help if a path does not exist or the kind of address is unknown.
            final |= isinstance(error, ValueError) or "://" not in address
            if final or attempt == _ATTEMPTS:
                raise InputError(
                    f"{address}: {error or type(error).__name__}\n  cure: try again, or {otherwise}"
                ) from error
            logger.warning("%s: %s; attempt %d of %d", address, error or type(error).__name__, attempt + 1, _ATTEMPTS)
            time.sleep(wait_s * 2 ** (attempt - 1))


def _copy_url(address: str, handle: BinaryIO, most: int) -> None:
    watch = _Watch(handle)
    with watch, _opener(watch).open(address, timeout=_TIMEOUT_S) as response:
        announced = response.headers.get("Content-Length")
        length = int(announced) if announced is not None and announced.isdigit() else None
        _check_size(address, length or 0, most)
        # read1 hands on what has come, so that the watch sees it.
        _copy(address, response.read1, handle, most)
    # A connection that closes early looks like the end of the file.
    if length is not None and handle.tell() != length:
        raise _CutOffError(f"cut off after {handle.tell()} of {length} bytes")


def _copy_file(address: str, handle: BinaryIO, most: int) -> None:
    if not Path(address).is_file():  # a pipe could make us wait for ever
        raise FileNotFoundError("not a regular file" if Path(address).exists() else "no such file")
    with Path(address).open("rb") as source:
        _copy(address, source.read, handle, most)


def _copy(address: str, read: Callable[[int], bytes], handle: BinaryIO, most: int) -> None:
    while piece := read(_PIECE):
        _check_size(address, handle.tell() + len(piece), most)
        handle.write(piece)


def _check_size(address: str, size: int, most: int) -> None:
    if size > most:
        raise InputError(
            f"{address} has more than {most} bytes, the most that are expected\n"
            "  cure: the file has changed or is another one; take the published one, or check the file and set its "
            "size in the configuration"
        )


class _Watch:
    """Ends a transfer that is too slow, whatever it waits for: a timeout of the socket starts anew with every byte.

    Args:
        handle: what the transfer writes; its position says how much has come.

    Raises:
        _TooSlowError: at the end of the block, if the transfer was ended.
    """

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._sockets: list[socket.socket] = []
        self._done, self._ended = threading.Event(), False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._done.set()
        self._thread.join()
        # What the ended connection raised, if anything, is only a consequence.
        if self._ended and (error is None or isinstance(error, OSError | HTTPException)):
            raise _TooSlowError(
                f"too slow: {self._handle.tell()} bytes in {_GRACE_S:g} seconds and more, "
                f"expected {_SLOWEST_BYTES_S} bytes a second"
            ) from error

    def connection(self, kind: type[HTTPConnection]) -> Callable[..., HTTPConnection]:
        """Makes connections of a kind whose sockets are watched."""

        def connection(host: str, **options: Any) -> HTTPConnection:
            made = kind(host, **options)
            connect = made.connect

            def watched() -> None:
                connect()
                self._sockets.append(made.sock)

            made.connect = watched
            return made

        return connection

    def _run(self) -> None:
        started = time.monotonic()
        while not self._done.wait(min(1.0, _GRACE_S / 4)):
            self._ended = time.monotonic() - started > _GRACE_S + self._handle.tell() / _SLOWEST_BYTES_S
            for connected in self._sockets if self._ended else ():
                with suppress(OSError):  # that of an earlier redirection is closed
                    socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _WatchedHTTP(request.HTTPHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    def http_open(self, req: request.Request) -> Any:
        return self.do_open(self._watch.connection(HTTPConnection), req)


class _WatchedHTTPS(request.HTTPSHandler):
    def __init__(self, watch: _Watch) -> None:
        super().__init__()
        self._watch = watch

    def https_open(self, req: request.Request) -> Any:
        return self.do_open(self._watch.connection(HTTPSConnection), req)


def _opener(watch: _Watch) -> request.OpenerDirector:
    """Opens addresses of http and https, and nothing that cannot be watched (ftp, file)."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPRedirectHandler(),
        request.HTTPErrorProcessor(),
        _WatchedHTTP(watch),
        _WatchedHTTPS(watch),
    ):
        opener.add_handler(handler)
    return opener
