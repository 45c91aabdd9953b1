"""For every request: limits of its size, the headers of its answer, and no word of it in a log."""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gaprelm.service.limits import RefusedError

logger = logging.getLogger(__name__)

# Everything comes from this service. No script and no style stands in the markup, and no frame may show the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'{images}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'{more}"
)
# The page never turns text into markup, and the browser enforces it.
PAGE_POLICY = _POLICY.format(images="", more="; require-trusted-types-for 'script'; trusted-types 'none'")
# Swagger UI has its icons in data: addresses, and writes markup.
DOCS_POLICY = _POLICY.format(images=" data:", more="")
_BODY_S = 60  # time for a body to arrive in full
_REST_S = 5  # for the rest of one that is refused
_SMALL_BODY = 1 << 16  # there is always room for one of so many bytes
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Shield:
    """The outermost layer: it sets security headers, and logs errors of the program without the user's text.

    The last line of a traceback may quote the text that could not be handled. So only the type of the error and its
    places in the code are logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = DOCS_POLICY if scope["path"] == "/docs" else PAGE_POLICY
                # Answers hold text of users, so nobody may store them. Browsers ask for the page again after an update.
                headers["Cache-Control"] = "no-store" if scope["method"] == "POST" else "no-cache"
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            places = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s %s failed with %s:\n%s", scope["method"], scope["path"], type(error).__name__, places)
            if not started:
                refusal = RefusedError(500, "failed", "the service failed; its log says where")
                await refused(refusal)(scope, receive, send_with_headers)


class BodyLimit:
    """Reads a request's whole body before anything else sees it, and refuses one that is too large or too slow.

    Args:
        app: the next layer.
        max_body: how many bytes a body may have.
        max_bodies: how many bytes the bodies of all requests may have that are read or being answered. Small bodies
            are let in beyond that, so that those who send large ones slowly do not keep all others out.
    """

    def __init__(self, app: ASGIApp, max_body: int, max_bodies: int) -> None:
        self._app, self._max_body, self._max_bodies = app, max_body, max_bodies
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "transfer-encoding" in headers and "content-length" in headers:
            # A server before this one may go by the other of the two, and take the rest for another request.
            detail = "the request has both Content-Length and Transfer-Encoding: send one of them"
            await _closing(RefusedError(400, "two_lengths", detail))(scope, receive, send)
        elif scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
        else:
            await self._read_first(headers, scope, receive, send)

    async def _read_first(self, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body()
        try:
            refusal = await self._read(headers, receive, body)
            if refusal is not None:
                self._release(body)
                if body.more and refusal.code != "too_slow" and "expect" not in headers:  # that waits to be let send
                    await _read_rest(receive, 4 * self._max_body)
                await _closing(refusal)(scope, receive, send)
            elif not body.more:  # or else the client is gone
                await self._app(scope, _replay(bytes(body.data), receive), send)
        finally:
            self._release(body)

    async def _read(self, headers: Headers, receive: Receive, body: _Body) -> RefusedError | None:
        """Read the body until it ends, the client goes away, or it is refused; returns the refusal."""
        if int(headers.get("content-length", "0")) > self._max_body:  # the server has checked that it is a number
            return self._too_large()
        try:
            async with asyncio.timeout(_BODY_S):
                while body.more and (message := await receive())["type"] == "http.request":
                    self._held += body.add(message)
                    if len(body.data) > self._max_body:
                        return self._too_large()
                    if len(body.data) > _SMALL_BODY and self._held > self._max_bodies:
                        detail = "too many large requests are under way: try again in a moment"
                        return RefusedError(503, "busy", detail)
        except TimeoutError:
            detail = f"the request did not arrive in full within {_BODY_S} s: send it again"
            return RefusedError(408, "too_slow", detail)
        return None

    def _release(self, body: _Body) -> None:
        self._held -= len(body.data)
        body.data.clear()

    def _too_large(self) -> RefusedError:
        detail = f"the request has more than {self._max_body} bytes: send the texts in several requests"
        return RefusedError(413, "body_too_large", detail)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once more, as if nothing had been read."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return whole.pop() if whole else await receive()

    return receive_again


@dataclass
class _Body:
    """What has been read of a body; ``more`` says whether the client has not sent all of it."""

    data: bytearray = field(default_factory=bytearray)
    more: bool = True

    def add(self, message: Message) -> int:
        """Add what has come; returns its size."""
        part = message.get("body", b"")
        self.data += part
        self.more = message.get("more_body", False)
        return len(part)


async def _read_rest(receive: Receive, most: int) -> None:
    """Read what a client still sends, for a while: many clients read no answer before they have sent everything."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_REST_S):
            while most > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break
                most -= len(message.get("body", b""))


def _closing(refusal: RefusedError) -> JSONResponse:
    """A refusal that closes the connection: the rest of the request is not read, so no other can follow on it."""
    return refused(refusal, headers={"Connection": "close"})


def refused(refusal: RefusedError, **more: Any) -> JSONResponse:
    """The answer to a request that is refused."""
    answer = JSONResponse(refusal.as_dict(), refusal.status, **more)
    if refusal.code == "busy":
        answer.headers["Retry-After"] = "1"
    return answer
