"""Answers that several doors give alike: with an entity tag, page by page, as a stream."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import BaseModel

from assistant.api.problems import Detail, Problem

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

T = TypeVar("T")
Ready = asyncio.Queue[tuple[str, str] | None]

Cursor = Annotated[
    str | None, Query(max_length=400, description="The next of the page before; none: the first.")
]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at the most.")]
IfNoneMatch = Annotated[str | None, Header(max_length=400)]
IfMatch = Annotated[str | None, Header(max_length=400)]

PING = 15.0
"""Seconds of silence after which a stream says that it is still there."""


def tag(body: BaseModel) -> str:
    """The entity tag of an answer: it changes with every byte of it."""
    return f'"{hashlib.sha256(body.model_dump_json().encode()).hexdigest()[:32]}"'


def tagged(body: BaseModel, known: str | None) -> Response:
    """The answer with its tag, or 304 without a body where the caller has it already."""
    own = tag(body)
    headers = {"ETag": own, "Cache-Control": "private, no-cache"}
    if same(known, own):
        return Response(status_code=304, headers=headers)
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


def same(known: str | None, own: str) -> bool:
    """Whether a list of entity tags, as a header has it, names this one."""
    if known is None:
        return False
    return own in (one.strip().removeprefix("W/") for one in known.split(",")) or known == "*"


def cursor(place: int | str) -> str:
    """A place in a list as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def number(cursor: str | None) -> int:
    """The place that a cursor stands for, from 0. Problem ``invalid`` for anything else."""
    place = 0 if cursor is None else _place(cursor)
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < 2**31:
        raise _no_cursor()
    return place


def name(cursor: str | None) -> str:
    """The name that a cursor stands for, '' for none. Problem ``invalid`` for anything else."""
    place = "" if cursor is None else _place(cursor)
    if not isinstance(place, str):
        raise _no_cursor()
    return place


def page(rows: Sequence[T], at: int, limit: int) -> tuple[Sequence[T], str | None]:
    """The rows of a page that begins at ``at``, and the cursor of the next, if there is one."""
    end = at + limit
    return rows[at:end], cursor(end) if end < len(rows) else None


def _place(text: str) -> object:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place: object = json.loads(raw.decode())
        if isinstance(place, str):
            place.encode()
    except (binascii.Error, ValueError, RecursionError):
        raise _no_cursor() from None
    return place


def _no_cursor() -> Problem:
    return Problem(
        "invalid", "The cursor is not one of this list.", errors=[Detail(where=["cursor"], what="")]
    )


def wants_stream(request: Request) -> bool:
    """Whether the caller would rather have server-sent events."""
    return "text/event-stream" in request.headers.get("accept", "")


def event_schema(*names: str) -> dict[str, Any]:
    """What the document says of one server-sent event: its data, and its name among ``names``
    (none: it has no name)."""
    properties: dict[str, Any] = {"data": {"type": "string"}}
    if names:
        properties["event"] = {"enum": list(names)}
    return {"type": "object", "properties": properties, "required": list(properties)}


class Stream(StreamingResponse):
    """Server-sent events that are made in one task, whoever reads them and when; whoever stops
    reading ends it."""

    def __init__(self, making: asyncio.Task[None], ready: Ready, first: tuple[str, str]) -> None:
        super().__init__(
            _written(making, ready, first),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
        self._making, self._ready = making, ready

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await _ended(self._making, self._ready)


async def stream(events: AsyncGenerator[tuple[str, str]]) -> Stream:
    """Events, each a name ('': none) and its data, as they are made; a comment where it is quiet.

    What is raised before the first event is raised here, so that it can still be the answer.
    """
    ready: Ready = asyncio.Queue(maxsize=8)

    async def make() -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    await ready.put(event)
        finally:
            await ready.put(None)

    making = asyncio.create_task(make())
    try:
        first = await ready.get()
    except BaseException:
        await _ended(making, ready)
        raise
    if first is None:
        await making
        raise AssertionError("a stream has events")
    return Stream(making, ready, first)


async def _written(
    making: asyncio.Task[None], ready: Ready, event: tuple[str, str] | None
) -> AsyncIterator[bytes]:
    while event is not None:
        yield format_sse_event(event=event[0] or None, data_str=event[1])
        while True:
            try:
                event = await asyncio.wait_for(ready.get(), PING)
                break
            except TimeoutError:
                yield format_sse_event(comment="still here")
    await making


async def _ended(making: asyncio.Task[None], ready: Ready) -> None:
    """Stop making events; there must be room for the last word of whoever makes them."""
    making.cancel()
    while not ready.empty():
        ready.get_nowait()
    await asyncio.wait({making})
    if not making.cancelled():
        making.exception()  # looked at, so that nobody calls it forgotten
