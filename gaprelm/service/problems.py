"""Answers to requests that cannot be done: all of one form, and in plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gaprelm.errors import ConfigurationError
from gaprelm.service.batching import QueueFullError
from gaprelm.service.limits import RefusedError
from gaprelm.service.middleware import refused

# From pydantic's names of errors to plain words. For other errors its own words are used.
_WORDS = {
    "missing": "is missing",
    "finite_number": "expected a number",
    "extra_forbidden": "is unknown",
    "list_type": "expected a list",
    "string_type": "expected text",
    "string_unicode": "expected Unicode text",
    "dict_type": "expected an object",
    "model_attributes_type": "expected an object",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
}


_LONGEST_KEY = 30
# Parts of a place that pydantic adds: the alternatives of a union, and "[key]". They are not keys of the request.
_ALTERNATIVE = re.compile(r"(dict|list)\[.*\]|\[key\]")


def add_problems(app: FastAPI) -> None:
    """Add these answers to an application."""

    @app.exception_handler(RefusedError)
    async def on_refused(_: Request, refusal: RefusedError) -> JSONResponse:
        return refused(refusal)

    @app.exception_handler(QueueFullError)
    async def on_full_queue(_: Request, __: QueueFullError) -> JSONResponse:
        detail = "too many requests are waiting: try again in a moment"
        return refused(RefusedError(503, "busy", detail))

    @app.exception_handler(ConfigurationError)
    async def on_bad_option(_: Request, error: ConfigurationError) -> JSONResponse:
        return refused(RefusedError(422, "bad_option", str(error)))

    @app.exception_handler(RequestValidationError)
    async def on_bad_request(_: Request, error: RequestValidationError) -> JSONResponse:
        return refused(_in_words(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 400 and error.__cause__ is not None:
            return refused(_unreadable(error.__cause__))
        return refused(RefusedError(error.status_code, "http", str(error.detail)), headers=error.headers)


def _in_words(problems: Sequence[Any]) -> RefusedError:
    """The first problem of a request's JSON and its place, in words.

    Where a value may have several forms, pydantic names a problem for each of them. The one whose place lies deepest
    belongs to the form that was meant.
    """
    option = problems[0]["loc"][:3]
    first = max((p for p in problems if p["loc"][:3] == option), key=lambda p: len(p["loc"]))
    if first["type"] == "json_invalid":
        return _not_json("is not JSON")
    if first["type"] == "too_many_problems":
        detail = "too many unknown keys or wrong values; /docs describes what is expected"
        return RefusedError(422, "bad_request", detail)
    parts = [part for part in first["loc"][1:] if not _ALTERNATIVE.fullmatch(str(part))]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" for part in parts).lstrip(".")
    if not place:
        return RefusedError(422, "bad_request", "expected a JSON object, sent with Content-Type: application/json")
    words = _WORDS.get(first["type"], first["msg"])
    return RefusedError(422, "bad_request", f"{place}: {words}; /docs describes what is expected")


def _unreadable(cause: BaseException) -> RefusedError:
    """In words, what FastAPI calls an error while it parsed the body."""
    if isinstance(cause, UnicodeDecodeError):
        return _not_json("is not JSON in UTF-8 (compressed bodies are not read)")
    if isinstance(cause, RecursionError):
        return _not_json("is nested too deeply to be read as JSON")
    return _not_json("cannot be read as JSON")


def _not_json(what: str) -> RefusedError:
    return RefusedError(400, "not_json", f'the request {what}; expected an object such as {{"texts": ["…"]}}')


def _cut(key: str) -> str:
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
