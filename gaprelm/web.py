"""Fetching public files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import BinaryIO
from urllib.request import urlopen

from gaprelm.errors import InputError

_TIMEOUT_S = 60


@contextmanager
def open_url(address: str, otherwise: str) -> Iterator[BinaryIO]:
    """The content of a web address as a stream.

    Args:
        otherwise: for the message: what to do where it cannot be fetched.

    Raises:
        InputError: the address is none, cannot be reached, or what comes is cut off; in the block too.
    """
    try:
        with urlopen(address, timeout=_TIMEOUT_S) as response:
            yield response
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(f"{address}: {error or type(error).__name__}\n  cure: try again, or {otherwise}") from error
