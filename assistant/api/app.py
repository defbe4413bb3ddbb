"""The API as one ASGI application: its doors, its document, and what goes before and after them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from assistant.api import (
    catalogue,
    changes,
    completions,
    events,
    health,
    mcp,
    people,
    reranks,
    talks,
)
from assistant.api.access import Door
from assistant.api.gate import Gate, shaped
from assistant.api.limits import Bounds, Room
from assistant.api.metrics import Metrics
from assistant.api.problems import MEDIA, Body, Detail, Problem, named
from assistant.api.service import Service, counted
from assistant.errors import AssistantError
from assistant.renewal import Renewal
from assistant.reranking.configured import make_reranker
from assistant.settings import Settings
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.door import Assistant

PATHS = ("/v1", "/v2", "/mcp")
"""What paths of the API begin with, whole segments; all others are free for a face."""

CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 415: "unsupported_media"}

WRONG: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Body, "description": "What is wrong with the request, and the remedy."},
    "5XX": {"model": Body, "description": "The service could not answer."},
}


class Api:
    """The API over an open assistant, which the caller closes. ``live`` is to be held open while
    it serves; ``tools`` are the same tools that it offers over HTTP, for other ways."""

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        bounds = Bounds(
            rate=settings.api_rate,
            seconds=settings.api_seconds,
            turns=settings.api_turns,
            origins=tuple(o for o in settings.api_origins.replace(",", " ").split() if o),
        )
        room = Room(bounds.turns)
        self.service = Service(
            assistant=assistant,
            reranker=make_reranker(settings, assistant.parts.engines.model),
            door=Door(assistant.parts.workspace.keys),
            bounds=bounds,
            room=room,
            metrics=Metrics(room),
            renewal=Renewal(assistant),
        )
        self.app = _application(self.service)
        self.tools = mcp.make_server(self.service)
        self.app.router.routes.append(Route("/mcp", endpoint=mcp.make_app(self.tools)))
        served: ASGIApp = Gate(self.app, self.service)
        if bounds.origins:
            served = CORSMiddleware(
                served,
                allow_origins=bounds.origins,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match"],
                expose_headers=["ETag", "X-Request-Id", "Retry-After"],
            )
        if (traces := assistant.parts.traces) is not None:
            from assistant.api.spans import Spans

            served = Spans(served, traces)
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._served(scope, receive, send)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        """What must be open while requests are answered."""
        async with counted(self.service), self.tools.session_manager.run():
            self.service.renewal.start()
            try:
                yield
            finally:
                await asyncio.to_thread(self.service.renewal.close)

    async def leave(self, seconds: float) -> bool:
        """Take nothing new and let what runs end, for so long at the most; whether all did."""
        return await self.service.room.leave(seconds)


def ours(path: str) -> bool:
    """Whether a path is the API's."""
    return any(path == p or path.startswith(f"{p}/") for p in PATHS)


def _application(service: Service) -> FastAPI:
    app = FastAPI(
        title="Palate",
        version="1",
        description="A conversational recommender over one catalogue. Errors are problem details "
        "(RFC 9457) with a stable code and a remedy.",
        docs_url=None,  # the interactive pages load their scripts from another host
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        responses=WRONG,
        redirect_slashes=False,
    )
    app.state.service = service
    for door in (talks, changes, catalogue, events, people, completions, reranks, health):
        app.include_router(door.router)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(AssistantError, _ours)
    app.add_exception_handler(RetrievalError, _ours)
    app.add_exception_handler(Exception, _broken)
    document = _document(app)
    app.openapi = lambda: document  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """The document of the doors, in which a problem has its own content type."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status in ("4XX", "5XX"):
                    (schema,) = response["content"].values()
                    response["content"] = {MEDIA: schema}
    return document


def _answer(problem: Problem, request: Request) -> JSONResponse:
    return JSONResponse(
        shaped(problem, request.url.path, request.state.request),
        status_code=problem.sort.status,
        headers=problem.headers,
        media_type=MEDIA,
    )


async def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return _answer(error, request)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AssistantError | RetrievalError)
    return _answer(named(error), request)


async def _broken(request: Request, _: Exception) -> JSONResponse:
    """A defect: the gate logs its kind, and the caller learns nothing but the request's id."""
    return _answer(Problem("internal"), request)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    return _answer(Problem(code, headers=error.headers), request)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """What is wrong, by place; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    wrong = [Detail(where=_place(e["loc"]), what=str(e["msg"])) for e in error.errors()[:20]]
    where = ".".join(str(p) for p in wrong[0].where) if wrong else "request"
    what = wrong[0].what if wrong else "not valid"
    return _answer(Problem("invalid", f"{where}: {what}", errors=wrong), request)


def _place(place: tuple[str | int, ...]) -> list[str | int]:
    """A path into the request. Names that were sent may be anything, so they are cut."""
    return [p if isinstance(p, int) else p[:60].encode("utf-8", "replace").decode() for p in place]
