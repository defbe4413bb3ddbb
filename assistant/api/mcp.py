"""Palate as tools for other assistants, by the Model Context Protocol.

Conversations are private: they are held in memory and leave nothing. Over HTTP the caller is who
the key says; on standard input and output it is whoever started the process.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field
from starlette.types import ASGIApp

from assistant.api import models, reranks
from assistant.api.access import Caller
from assistant.api.problems import Problem, named
from assistant.api.service import Service
from assistant.errors import AssistantError
from assistant.types import Finished
from retrieval.errors import RetrievalError
from retrieval.types import ItemId

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Session = Annotated[str, Field(max_length=128, description="As recommend answered it.")]
ItemName = Annotated[str, Field(min_length=1, max_length=256, description="The id of an item.")]


class Ranked(BaseModel):
    """One place of a re-ranking; ``index`` counts from 0 in what was sent."""

    index: int
    score: float
    reasons: list[str]


class Ranking(BaseModel):
    """The best, in order. ``status`` says how much of it is a model's: ``fallback`` is none."""

    results: list[Ranked]
    status: str


def make_server(service: Service) -> MCPServer[Any]:
    """The server with its five tools."""
    tools = Tools(service)
    assistant = service.assistant
    server: MCPServer[Any] = MCPServer(
        "palate",
        instructions=f"Finds {assistant.nouns} in one catalogue. Begin with recommend; go on in "
        "its session with refine, in plain words. Every reason was checked against the catalogue.",
        log_level="WARNING",
    )
    for tool in (tools.recommend, tools.refine, tools.explain, tools.rerank, tools.item_facts):
        server.add_tool(_plain(tool), annotations=READS)
    return server


def make_app(server: MCPServer[Any]) -> ASGIApp:
    """The server over HTTP, each request for itself; the gate in front has let it in."""
    return server.streamable_http_app(
        streamable_http_path="/mcp",
        json_response=True,
        stateless_http=True,
        # Who may ask, and under which name, is the gate's to say.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


class Tools:
    """What other assistants can do here."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def recommend(
        self,
        request: Annotated[
            str, Field(min_length=1, max_length=6000, description="What is wanted.")
        ],
        ctx: Context[Any, Any],
    ) -> models.TurnOut:
        """Recommend items for a request in plain words, such as "a heist film, nothing gory".

        Begins a conversation; go on in its session with refine.
        """
        visitor = _caller(ctx).visitor(None)
        begin = self._service.assistant.new_session
        session = await self._service.apart(begin, visitor, private=True)
        return await self._turn(session, visitor, request)

    async def refine(
        self,
        session: Session,
        message: Annotated[str, Field(min_length=1, max_length=6000)],
        ctx: Context[Any, Any],
    ) -> models.TurnOut:
        """Go on in a conversation: "newer", "like the second, but shorter", "not that one", "why
        the first?", "undo"."""
        visitor = await self._owner(ctx, session)
        return await self._turn(session, visitor, message)

    async def explain(
        self, session: Session, item: ItemName, ctx: Context[Any, Any]
    ) -> models.WhyOut:
        """Why an item stands on the last slate of a conversation: reasons that were checked, and
        the likes without which it would not be there."""
        visitor = await self._owner(ctx, session)
        why = self._service.assistant.why
        claims = await self._service.placed(
            self._service.apart(why, session, item, visitor=visitor)
        )
        return models.WhyOut(item=item, reasons=models.reasons(claims))

    async def rerank(
        self,
        query: Annotated[str, Field(min_length=1, max_length=6000)],
        documents: Annotated[
            list[Annotated[str, Field(max_length=20_000)]], Field(min_length=1, max_length=200)
        ],
        ctx: Context[Any, Any],
        top_n: Annotated[int, Field(ge=1, le=200)] = 10,
    ) -> Ranking:
        """Put texts of your own in the order of how well each serves a query, best first."""
        _caller(ctx)
        body = reranks.RerankIn(query=query, documents=list(documents), top_n=top_n, explain=True)
        result = await self._service.placed(reranks.rank(self._service, body))
        places = [
            Ranked(index=i.index, score=round(i.score, 6), reasons=[c.text for c in i.reasons])
            for i in result.items
        ]
        return Ranking(results=places, status=result.status)

    async def item_facts(self, item: ItemName, ctx: Context[Any, Any]) -> models.ItemOut:
        """Everything that the catalogue says of an item."""
        _caller(ctx)
        known = self._service.assistant.parts.retriever.items.get(ItemId(item))
        if known is None:
            raise Problem("unknown_item")
        return models.item(known)

    async def _turn(self, session: str, visitor: str, message: str) -> models.TurnOut:
        async with self._service.room.place():
            events = self._service.assistant.turn(session, message, visitor=visitor)
            async for event in events:
                if isinstance(event, Finished):
                    return models.turn(event.reply)
        raise AssertionError("a turn ends with Finished")

    async def _owner(self, ctx: Context[Any, Any], session: str) -> str:
        return await self._service.apart(self._service.owner, _caller(ctx), session)


def _caller(ctx: Context[Any, Any]) -> Caller:
    """Who asks: as the gate found out over HTTP, the owner on standard input."""
    request = ctx.request_context.request
    if request is None:
        return Caller()
    found: Caller = request.state.caller
    return found


def _plain(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool with problems told as a tool tells them: in words, with the remedy."""

    @functools.wraps(tool)
    async def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return await tool(*args, **kwargs)
        except Problem as problem:
            raise _failure(problem) from None
        except (AssistantError, RetrievalError) as error:
            raise _failure(named(error)) from None

    return told


def _failure(problem: Problem) -> ToolError:
    return ToolError(f"{problem.detail} {problem.sort.remedy}")
