"""The web application: addresses, and what happens behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from gaprelm import __version__
from gaprelm.corrector import Corrector
from gaprelm.errors import ConfigurationError
from gaprelm.service import schemas
from gaprelm.service.batching import Batcher, QueueFullError
from gaprelm.service.limits import Limits, RefusedError
from gaprelm.service.middleware import BodyLimit, Shield, refused
from gaprelm.service.work import Task, answer, merged

PAGE = Path(str(files("gaprelm.service") / "page"))
SWAGGER = Path(str(files("fastapi_offline") / "static"))
_WAITING_REQUESTS = 20  # of the largest size, before a request is told to come again
_GONE_CHECK_S = 0.2
_ERRORS = {status: {"model": schemas.Problem} for status in (400, 413, 422, 500, 503)}

# pydantic's names of what is wrong, in plain words; its own words serve for the rest.
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is unknown",
    "list_type": "expected a list",
    "string_type": "expected text",
    "dict_type": "expected an object",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
}


def create_app(corrector: Corrector, limits: Limits | None = None, batch_size: int = 32) -> FastAPI:
    """The page and the service around a corrector.

    Args:
        corrector: its own control holds where a request names no options, and its protected words in any case.
        limits: of one request.
        batch_size: most texts that the model is given at a time, of all requests together.
    """
    limits = limits or Limits()

    @asynccontextmanager
    async def batching(app: FastAPI) -> AsyncIterator[None]:
        batcher = Batcher(lambda tasks: answer(corrector, tasks), batch_size, _WAITING_REQUESTS * limits.max_texts)
        app.state.batcher = batcher
        yield
        await asyncio.to_thread(batcher.close)

    app = FastAPI(
        title="Gap-ReLM",
        version=__version__,
        description="Corrects wrong, missing and redundant characters of Chinese text.",
        docs_url=None,  # its usual page loads scripts from elsewhere
        redoc_url=None,
        lifespan=batching,
    )
    _add_errors(app)
    _add_service(app, corrector, limits)
    _add_pages(app)
    app.add_middleware(BodyLimit, max_body=limits.max_body)
    app.add_middleware(Shield)
    return app


def _add_service(app: FastAPI, corrector: Corrector, limits: Limits) -> None:
    """The addresses for programs."""

    @app.post("/correct", response_model=schemas.CorrectResponse, responses=_ERRORS)
    async def correct(asked: schemas.CorrectRequest, request: Request) -> JSONResponse:
        """Correct texts. What is outside the edits comes back unchanged."""
        limits.check(asked.texts)
        chosen = merged(asked.options, corrector.control)
        tasks = [Task(text, chosen, asked.proposals) for text in asked.texts]
        results = await _unless_gone(app.state.batcher.submit(tasks), request)
        return JSONResponse({"results": results})

    @app.get("/health")
    def health() -> schemas.Health:
        """Whether the service answers."""
        return schemas.Health(status="ok")

    @app.get("/info")
    def info() -> schemas.Info:
        """Version, thresholds and limits."""
        return schemas.Info(
            version=__version__,
            thresholds=corrector.control.effective_thresholds(corrector.thresholds),
            limits=schemas.RequestLimits(**asdict(limits), max_body=limits.max_body),
        )


def _add_pages(app: FastAPI) -> None:
    """The page, and the description of the service, with everything that they need."""

    @app.get("/docs", include_in_schema=False)
    def docs() -> FileResponse:
        return FileResponse(PAGE / "docs.html")

    app.mount("/swagger", StaticFiles(directory=SWAGGER), name="swagger")
    app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")


def _add_errors(app: FastAPI) -> None:
    """Every refusal has the same form."""

    @app.exception_handler(RefusedError)
    async def on_refused(_: Request, refusal: RefusedError) -> JSONResponse:
        return refused(refusal)

    @app.exception_handler(QueueFullError)
    async def on_full_queue(_: Request, __: QueueFullError) -> JSONResponse:
        detail = "too many requests are waiting: try again in a moment"
        return refused(RefusedError(503, "busy", detail), headers={"Retry-After": "1"})

    @app.exception_handler(ConfigurationError)
    async def on_bad_option(_: Request, error: ConfigurationError) -> JSONResponse:
        return refused(RefusedError(422, "bad_option", str(error)))

    @app.exception_handler(RequestValidationError)
    async def on_bad_request(_: Request, error: RequestValidationError) -> JSONResponse:
        return refused(_in_words(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http_error(_: Request, error: HTTPException) -> JSONResponse:
        return refused(RefusedError(error.status_code, "http", str(error.detail)), headers=error.headers)


def _in_words(problems: Sequence[Any]) -> RefusedError:
    """What is wrong with a request's JSON: the first problem, and where."""
    first = problems[0]
    if first["type"] == "json_invalid":
        return RefusedError(400, "not_json", 'the request is not JSON; expected an object such as {"texts": ["…"]}')
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"][1:]).lstrip(".")
    if not place:
        return RefusedError(422, "bad_request", "expected a JSON object, sent with Content-Type: application/json")
    words = _WORDS.get(first["type"], first["msg"])
    return RefusedError(422, "bad_request", f"{place}: {words}; /docs describes what is expected")


async def _unless_gone(future: Future[list[dict[str, Any]]], request: Request) -> list[dict[str, Any]]:
    """The results; a client that goes away gives its place in the queue to others."""
    waiting = asyncio.wrap_future(future)
    while not waiting.done():
        await asyncio.wait({waiting}, timeout=_GONE_CHECK_S)
        if not waiting.done() and await request.is_disconnected():
            waiting.cancel()
    return await waiting
