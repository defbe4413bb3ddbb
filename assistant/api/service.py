"""What the doors share: the assistant, who may ask, what may be used, what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from assistant.api.access import Caller, Door
from assistant.api.limits import Bounds, Room
from assistant.api.metrics import Metrics
from assistant.api.problems import Problem
from assistant.renewal import Renewal
from assistant.reranking import Reranker
from assistant.sessions import is_id

if TYPE_CHECKING:
    from assistant.api.chat import Threads
    from assistant.door import Assistant

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service over one open assistant. ``room`` bounds the work that takes long."""

    assistant: Assistant
    reranker: Reranker
    door: Door
    bounds: Bounds
    room: Room
    metrics: Metrics
    renewal: Renewal
    threads: Threads = field(init=False)

    def __post_init__(self) -> None:
        from assistant.api.chat import Threads

        object.__setattr__(self, "threads", Threads(self))

    def owner(self, caller: Caller, session: str) -> str:
        """The visitor whose session it is. Problem ``not_found`` for one that is not there and for
        somebody else's alike. Reads the database."""
        visitor = self.assistant.parts.sessions.owner(session) if is_id(session) else None
        if visitor is None or not caller.owns(visitor):
            raise Problem("not_found", "There is no such session.")
        return visitor

    async def apart(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What reads or writes the database, off the event loop."""
        return await asyncio.to_thread(work, *args, **kwargs)

    async def placed(self, work: Awaitable[T]) -> T:
        """Work that takes long, in the room there is for it."""
        async with self.room.place():
            return await work


async def service(request: Request) -> Service:
    """The service that a request came to."""
    held: Service = request.app.state.service
    return held


async def caller(
    request: Request,
    _: Annotated[
        object, Security(HTTPBearer(auto_error=False, description="A key of palate keys add."))
    ] = None,
) -> Caller:
    """Who asks; the gate has found out."""
    found: Caller = request.state.caller
    return found


Here = Annotated[Service, Depends(service)]
Who = Annotated[Caller, Depends(caller)]


@asynccontextmanager
async def counted(held: Service) -> AsyncIterator[None]:
    """Count the turns that are played, on whatever face, while the service is open."""
    listeners = held.assistant.parts.dialogue.listeners
    listeners.append(held.metrics.turn)
    try:
        yield
    finally:
        listeners.remove(held.metrics.turn)
