"""What every request goes through before, and after, its door.

It is given an id, its body is read up to a bound, its caller is told by the key, what the caller
may use is counted, its time is bounded, and one line is logged: no text, no token, no id of a
person. Whatever goes wrong further in, what goes out is a problem without a trace.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders

from assistant.api.limits import Rate
from assistant.api.problems import MEDIA, Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from assistant.api.access import Caller
    from assistant.api.service import Service

log = logging.getLogger(__name__)

OPEN = ("/v1/health/live", "/v1/health/ready", "/v1/openapi.json")
"""What anybody may ask: it tells nothing of the workspace."""

UNKNOWN = 10.0
"""Requests that one without a valid key counts as, so that nobody tries many."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEPT_OPEN = "/mcp"  # whose streams have no end of their own


class Gate:
    """ASGI middleware in front of the API."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
        self._service = service
        self._by_key = Rate(service.bounds.rate)
        self._by_address = Rate(service.bounds.rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = _Asked(scope, send)
        try:
            await self._through(asked, receive)
        except Problem as problem:
            await asked.refuse(problem)
        except TimeoutError:
            await asked.refuse(Problem("timeout"))
        except Exception as error:  # noqa: BLE001  (told to the log by kind, to the caller as such)
            log.error("request_failed", extra={"request": asked.id, "error": type(error).__name__})
            await asked.refuse(Problem("internal"))
        finally:
            self._done(asked)

    async def _through(self, asked: _Asked, receive: Receive) -> None:
        headers = Headers(scope=asked.scope)
        if asked.path not in OPEN:
            asked.caller = await self._admitted(asked, headers)
        state = asked.scope.setdefault("state", {})
        state["caller"], state["request"] = asked.caller, asked.id
        limit = None if asked.path == _KEPT_OPEN else self._service.bounds.seconds
        async with asyncio.timeout(limit):
            body = await _read(headers, receive, self._service.bounds.body)
            await self._app(asked.scope, _again(body, receive), asked.send)

    async def _admitted(self, asked: _Asked, headers: Headers) -> Caller:
        client = asked.scope.get("client")
        address = client[0] if client else ""
        self._by_address.take(address)
        sent = {name.lower(): value for name, value in headers.items()}
        try:
            caller = await asyncio.to_thread(self._service.door.admit, sent, address)
        except Problem:
            self._by_address.take(address, UNKNOWN - 1)
            raise
        self._by_key.take(caller.key)
        return caller

    def _done(self, asked: _Asked) -> None:
        seconds = time.perf_counter() - asked.since
        path = pattern(asked.scope)
        self._service.metrics.request(path, asked.method, asked.status, seconds)
        state = asked.scope.get("state", {})
        who, trace = state.get("who"), state.get("trace")
        log.info(
            "request",
            extra={
                "request": asked.id,
                "method": asked.method,
                "path": path,
                "status": asked.status,
                "seconds": round(seconds, 4),
                "key": asked.caller.key if asked.caller is not None else "",
                "who": self._service.door.seal("who", who)[:12] if who else "",
                **({"trace": trace} if trace else {}),
            },
        )


class _Asked:
    """One request on its way: what is known of it, and what was sent back so far."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.since = time.perf_counter()
        self.status = 0
        self.caller: Caller | None = None
        own = Headers(scope=scope).get("x-request-id", "")
        self.id = own if _REQUEST_ID.fullmatch(own) else secrets.token_hex(8)
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass a message on, with what goes with every answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            headers["X-Content-Type-Options"] = "nosniff"
            if "cache-control" not in headers:
                headers["Cache-Control"] = "no-store"
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun, which then ends as it stands."""
        if self.status:
            return
        content = json.dumps(shaped(problem, self.path, self.id)).encode()
        headers = {"Content-Type": MEDIA, "Content-Length": str(len(content)), **problem.headers}
        raw = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
        await self.send(
            {"type": "http.response.start", "status": problem.sort.status, "headers": raw}
        )
        await self.send({"type": "http.response.body", "body": content})


def pattern(scope: Scope) -> str:
    """The pattern of a request's path, once it was answered: of these there are few."""
    route = scope.get("route")
    return getattr(route, "path", "") or ("/mcp" if scope["path"] == _KEPT_OPEN else "other")


def shaped(problem: Problem, path: str, request: str) -> dict[str, object]:
    """The body of a problem; the doors of other services also find it where they look for it."""
    body = problem.body(request)
    if path.startswith(("/v1/chat", "/v1/models")):
        kind = "invalid_request_error" if problem.sort.status < 500 else "server_error"
        body["error"] = {
            "message": f"{problem.detail} {problem.sort.remedy}",
            "type": kind,
            "param": None,
            "code": problem.code,
        }
    elif path.endswith("/rerank"):
        body["message"] = f"{problem.detail} {problem.sort.remedy}"
    return body


async def _read(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body. Problem ``too_large`` as soon as it is."""
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise Problem("too_large", f"A body has at most {most:,} bytes.")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            raise Problem("too_large", f"A body has at most {most:,} bytes.")
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, and after it what the server says."""
    waiting: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": body, "more_body": False}
    ]

    async def next_message() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return next_message
