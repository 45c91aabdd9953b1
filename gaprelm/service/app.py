"""The web application: its addresses, and what answers a request to each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from gaprelm.correction.corrector import Corrector
from gaprelm.extras import is_installed
from gaprelm.service import schemas
from gaprelm.service.batching import Batcher
from gaprelm.service.hosts import Hosts, OnlyHosts
from gaprelm.service.jobs import Job, answer, control_for_request
from gaprelm.service.limits import Limits, RefusedError
from gaprelm.service.middleware import BodyLimit, Shield
from gaprelm.service.problems import add_problems
from gaprelm.service.yielding import Yielding
from gaprelm.version import __version__

PAGE = Path(str(files("gaprelm.service") / "page"))
SWAGGER = Path(str(files("fastapi_offline") / "static"))
_WAITING_REQUESTS = 10  # of the largest size; while so many wait, further ones are told to come again
_BODIES = 16  # so many of the largest size may be in memory
_STUCK_S = 300  # no pass of a model takes so long
_GONE_CHECK_S = 0.2
_BATCH_CHARACTERS = 2048  # with so many a batch is full, however few texts it holds
_STEP_CHARACTERS = 512  # after so many a longer text lets short ones pass; smaller steps would take more time in all
_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Problem} for status in (400, 403, 408, 413, 422, 431, 500, 503)
}


def create_app(
    corrector: Corrector, limits: Limits | None = None, batch_size: int = 32, hosts: Hosts | None = None
) -> FastAPI:
    """The page and the service around a corrector.

    Args:
        corrector: its own control holds where a request names no options; its protected words always hold.
        limits: of one request.
        batch_size: how many texts the model is given at a time, at most, from all requests together.
        hosts: under which names it answers; None leaves that to whatever runs the application.
    """
    limits = limits or Limits()

    @asynccontextmanager
    async def batching(app: FastAPI) -> AsyncIterator[None]:
        app.state.batcher, app.state.cut_short = _batcher(corrector, limits, batch_size), False
        yield
        await asyncio.to_thread(app.state.batcher.close)

    app = FastAPI(
        title="Gap-ReLM",
        version=__version__,
        description="Corrects wrong, missing and redundant characters of Chinese text.",
        docs_url=None,  # FastAPI's own page loads scripts from other servers
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever the Host header names
        lifespan=batching,
    )
    add_problems(app)
    _add_service(app, corrector, limits)
    _add_pages(app)
    app.add_middleware(BodyLimit, max_body=limits.max_body, max_bodies=_BODIES * limits.max_body)
    if hosts is not None:
        app.add_middleware(OnlyHosts, hosts=hosts)
    app.add_middleware(Shield)
    return app


def _add_service(app: FastAPI, corrector: Corrector, limits: Limits) -> None:
    """The addresses for programs."""

    @app.post("/correct", response_model=schemas.CorrectResponse, responses=_ERRORS)
    async def correct(asked: schemas.CorrectRequest, request: Request) -> JSONResponse:
        """Correct texts. What is outside the edits comes back unchanged."""
        limits.check(asked.texts)
        control = control_for_request(asked.options, corrector.control)
        jobs = [Job(text, control, asked.proposals) for text in asked.texts]
        results = await _unless_gone(app.state.batcher.submit(jobs), request)
        return JSONResponse({"results": results})

    @app.head("/health", include_in_schema=False)
    @app.get("/health", responses={503: {"model": schemas.Problem}})
    async def health() -> schemas.Health:
        """Whether the service answers, and the model works."""
        if app.state.batcher.stuck_for() > _STUCK_S:
            raise RefusedError(503, "stuck", f"the model has not moved for {_STUCK_S} s: start the service anew")
        return schemas.Health(status="ok")

    @app.get("/info")
    def info() -> schemas.Info:
        """Version, thresholds, limits, and whether names can be protected."""
        return schemas.Info.model_validate(
            {
                "version": __version__,
                "thresholds": corrector.control.effective_thresholds(corrector.thresholds),
                "limits": asdict(limits) | {"max_body": limits.max_body},
                "can_protect_names": is_installed("rjieba"),
                "protect_names": corrector.control.protect_names,
            }
        )


def _add_pages(app: FastAPI) -> None:
    """The page, and the description of the service, with everything that they need."""

    @app.get("/docs", include_in_schema=False)
    def docs() -> FileResponse:
        return FileResponse(PAGE / "docs.html")

    app.mount("/swagger", StaticFiles(directory=SWAGGER), name="swagger")
    # Not mounted at "/", which would match before the router sees that an address only lacks this method (405).
    app.router.default = StaticFiles(directory=PAGE, html=True)


def _batcher(corrector: Corrector, limits: Limits, batch_size: int) -> Batcher[Job, dict[str, Any]]:
    """Batches for the corrector, whose model lets short texts pass in the middle of a long one."""
    batcher: Batcher[Job, dict[str, Any]]
    polite = corrector.through(
        lambda model: Yielding(model, lambda: batcher.give_way(), _BATCH_CHARACTERS, _STEP_CHARACTERS)
    )
    waiting = _WAITING_REQUESTS * (limits.max_characters + limits.max_texts)
    batcher = Batcher(lambda jobs: answer(polite, jobs), batch_size, waiting, _size, _BATCH_CHARACTERS)
    return batcher


def _size(job: Job) -> int:
    return len(job.text) + 1  # an empty text takes some time, too


async def _unless_gone(future: Future[list[dict[str, Any]]], request: Request) -> list[dict[str, Any]]:
    """The results. When the client goes away, the place of its texts in the queue goes to others.

    Raises:
        RefusedError: the client went away (nobody reads this answer), or the service ends and waits no longer.
    """
    waiting = asyncio.wrap_future(future)
    try:
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=_GONE_CHECK_S)
            if not waiting.done() and await request.is_disconnected():
                raise RefusedError(499, "gone", "the client went away")
        return waiting.result()
    except asyncio.CancelledError as error:
        request.app.state.cut_short = True
        raise RefusedError(503, "ending", "the service ends before it came to this: send it again later") from error
    finally:
        future.cancel()  # or closing the batcher would wait for it; a future that is done stays done
