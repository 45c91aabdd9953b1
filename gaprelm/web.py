"""Fetches public files: tries again when the network fails, checks the sha256, and writes a whole file or none."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.request import urlopen

from gaprelm.errors import InputError
from gaprelm.textio import file_hash, replacing

_TIMEOUT_S = 60
_ATTEMPTS = 4
# HTTP status codes of a server that is busy or has a temporary fault.
_PASSING = (408, 425, 429, 500, 502, 503, 504)

logger = logging.getLogger(__name__)


class _CutOffError(OSError):
    """The transfer ended before the announced length."""


def fetch(address: str, output: Path, sha256: str, otherwise: str, wait_s: float = 1.0) -> None:
    """Write the content of an address to a file, whole or not at all.

    Args:
        address: a web address, or the path of a file.
        sha256: of the content, hexadecimal.
        otherwise: for messages: what to do instead if it cannot be fetched.
        wait_s: pause before the second attempt, doubled before each further one.

    Raises:
        InputError: it cannot be fetched in four attempts, or its sha256 differs; ``output`` is then as it was before.
    """
    with replacing(output) as temporary:
        with temporary.open("wb") as handle:
            _transfer(address, handle, otherwise, wait_s)
        _check_sum(file_hash(temporary), sha256, address)


def fetch_bytes(
    address: str,
    sha256: str,
    otherwise: str,
    convert: Callable[[bytes], bytes] | None = None,
    wait_s: float = 1.0,
) -> bytes:
    """The content of an address.

    Args:
        convert: turns the fetched content into what is returned; the sha256 is that of the result.
        address, sha256, otherwise, wait_s: as in ``fetch``.

    Raises:
        InputError: as ``fetch``, or what ``convert`` raises.
    """
    buffer = io.BytesIO()
    _transfer(address, buffer, otherwise, wait_s)
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


def _transfer(address: str, handle: BinaryIO, otherwise: str, wait_s: float) -> None:
    copy: Callable[[str, BinaryIO], None] = _copy_url if "://" in address else _copy_file
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            handle.seek(0)
            handle.truncate()
            copy(address, handle)
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


def _copy_url(address: str, handle: BinaryIO) -> None:
    with urlopen(address, timeout=_TIMEOUT_S) as response:
        shutil.copyfileobj(response, handle)
        announced = response.headers.get("Content-Length")
    # A connection that closes early looks like the end of the file.
    if announced is not None and announced.isdigit() and handle.tell() != int(announced):
        raise _CutOffError(f"cut off after {handle.tell()} of {announced} bytes")


def _copy_file(address: str, handle: BinaryIO) -> None:
    if not Path(address).exists():
        raise FileNotFoundError("no such file")
    with Path(address).open("rb") as source:
        shutil.copyfileobj(source, handle)
