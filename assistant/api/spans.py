"""A span for each request to the API, under the one that the caller sent along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from assistant.api.gate import pattern

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.traces import Traces

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
QUIET = "/v1/health/"
"""Paths that are asked every few seconds and tell nothing."""


class Spans:
    """ASGI middleware around the API. A span has the pattern of the path: what stands in its places
    may be somebody's id."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self._app = app
        self._traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(QUIET):
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = self._traces.begin(
            method, kind="server", headers=Headers(scope=scope), http__request__method=method
        )
        scope.setdefault("state", {})["trace"] = span.trace
        try:
            with span.inside():
                await self._app(scope, receive, watched)
        except BaseException as error:
            span.fail(type(error).__name__)
            raise
        finally:
            path = pattern(scope)
            span.name(f"{method} {path}")
            span.set(http__route=path)
            if status:
                span.set(http__response__status_code=status)
            if status >= 500:
                span.fail(str(status))
            span.end()
