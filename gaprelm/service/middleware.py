"""What holds for every request: its size, the headers of its answer, and that nothing of it reaches a log."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gaprelm.service.limits import RefusedError

logger = logging.getLogger(__name__)

# Everything comes from this service; no script or style stands in the markup, and no frame may hold the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'{images}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'{more}"
)
# The page never turns text into markup, and the browser holds it to that.
PAGE_POLICY = _POLICY.format(images="", more="; require-trusted-types-for 'script'; trusted-types 'none'")
# Swagger UI brings its icons as data addresses, and writes markup of its own.
DOCS_POLICY = _POLICY.format(images=" data:", more="")
_BODY_S = 60  # for a body to come in full
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Shield:
    """Outermost layer: security headers, and errors of the program without the text that led to them.

    A traceback's last line may quote the text that could not be handled, so only its type and places are logged.
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
                # Answers hold text of users and are kept nowhere; the page is asked for anew after an update.
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
    """Reads a request's body, up to a limit and in bounded time, before anything else sees it.

    Args:
        max_body: most bytes.
    """

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        try:
            if int(declared) > self._max_body:  # the server has seen to it that it is a number
                raise self._too_large()
            async with asyncio.timeout(_BODY_S):
                body = await self._read(receive)
        except RefusedError as refusal:
            await _closing(refusal)(scope, receive, send)
        except TimeoutError:
            detail = f"the request did not come in full within {_BODY_S} s: send it again"
            await _closing(RefusedError(408, "too_slow", detail))(scope, receive, send)
        else:
            if body is not None:
                await self._app(scope, _replay(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body; None: the client is gone."""
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return None
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > self._max_body:
                raise self._too_large()
        return b"".join(chunks)

    def _too_large(self) -> RefusedError:
        detail = f"the request has more than {self._max_body} bytes: send the texts in several requests"
        return RefusedError(413, "body_too_large", detail)


def _replay(body: bytes, receive: Receive) -> Receive:
    """``receive`` as if nothing had been read."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return whole.pop() if whole else await receive()

    return receive_again


def _closing(refusal: RefusedError) -> JSONResponse:
    """A refusal of a request whose rest is not read, so that its connection cannot be used again."""
    return refused(refusal, headers={"Connection": "close"})


def refused(refusal: RefusedError, **more: Any) -> JSONResponse:
    """The answer to a request that is refused."""
    return JSONResponse(refusal.as_dict(), refusal.status, **more)
