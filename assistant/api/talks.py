"""Sessions and turns: a conversation over REST, whole or as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from assistant.api import models
from assistant.api.answers import (
    Cursor,
    IfNoneMatch,
    Limit,
    event_schema,
    number,
    page,
    stream,
    tagged,
)
from assistant.api.answers import wants_stream as wants
from assistant.api.gate import shaped
from assistant.api.problems import Problem, named
from assistant.api.service import Here, Service, Who
from assistant.errors import AssistantError
from assistant.types import Finished, Mix, Shown, Status, Text, TurnEvent
from retrieval.errors import RetrievalError

router = APIRouter(prefix="/v1", tags=["conversations"])

Session = Annotated[str, Path(max_length=128)]

STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; where a stream was asked for, the events status, shown, text, "
        "finished, and error where it went wrong.",
        "content": {
            "text/event-stream": {
                "schema": event_schema("status", "shown", "text", "finished", "error")
            }
        },
    }
}


@router.post("/sessions", status_code=201, operation_id="newSession")
async def begin(
    body: models.SessionIn, here: Here, who: Who, request: Request, response: Response
) -> models.SessionOut:
    """Begin a session of a visitor."""
    visitor = who.visitor(body.visitor)
    request.state.who = visitor
    session = await here.apart(here.assistant.new_session, visitor, private=body.private)
    response.headers["Location"] = f"/v1/sessions/{session}/turns"
    return models.SessionOut(id=session, visitor=who.shown(visitor))


@router.get("/visitors/{visitor}/sessions", operation_id="listSessions")
async def listed(
    visitor: models.VisitorName,
    here: Here,
    who: Who,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> models.TalksOut:
    """A visitor's conversations in which something was said, the latest first; no private ones."""
    own = here.assistant.conversations(who.visitor(visitor))
    rows, following = page(await here.apart(own.all), number(cursor), limit)
    talks = [models.TalkOut(id=t.session, title=t.title, at=t.at) for t in rows]
    return models.TalksOut(sessions=talks, next=following)


@router.get("/sessions/{session}/turns", operation_id="listTurns", response_model=models.TurnsOut)
async def turns(
    session: Session,
    here: Here,
    who: Who,
    cursor: Cursor = None,
    limit: Limit = 20,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The turns of a session in force, the oldest first."""
    visitor = await here.apart(here.owner, who, session)
    said = await here.apart(here.assistant.history, session, visitor=visitor)
    rows, following = page(said, number(cursor), limit)
    out = [models.SaidOut(message=m, reply=models.turn(r)) for m, r in rows]
    return tagged(models.TurnsOut(turns=out, next=following), if_none_match)


@router.delete("/sessions/{session}", status_code=204, operation_id="deleteSession")
async def delete(session: Session, here: Here, who: Who) -> None:
    """Delete a session. What was said of items stays in the visitor's history."""
    visitor = await here.apart(here.owner, who, session)
    await here.apart(here.assistant.conversations(visitor).delete, session)


@router.post(
    "/sessions/{session}/turns",
    operation_id="turn",
    response_model=models.TurnOut,
    responses=STREAMED,
)
async def say(
    session: Session, body: models.TurnIn, here: Here, who: Who, request: Request
) -> Response:
    """Play a turn: a message in, the answer out."""
    visitor = await here.apart(here.owner, who, session)
    mix = Mix(diversity=body.diversity, novelty=body.novelty)
    events = here.assistant.turn(session, body.message, visitor=visitor, mix=mix)
    return await played(here, events, visitor, request, streamed=body.stream)


@router.post(
    "/sessions/{session}/reactions",
    operation_id="react",
    response_model=models.TurnOut,
    responses=STREAMED,
)
async def react(
    session: Session, body: models.ReactionIn, here: Here, who: Who, request: Request
) -> Response:
    """What the person did with an item: it is kept, and the next slate takes it into account."""
    visitor = await here.apart(here.owner, who, session)
    events = here.assistant.react(
        session, body.item, body.kind, visitor=visitor, language=body.language
    )
    return await played(here, events, visitor, request, streamed=False)


@router.get("/sessions/{session}/explanation", operation_id="explain")
async def explain(
    session: Session,
    here: Here,
    who: Who,
    item: Annotated[str, Query(min_length=1, max_length=256)],
) -> models.WhyOut:
    """Why an item stands on the session's last slate: the reasons of its card, then the likes
    without which it would not be there."""
    visitor = await here.apart(here.owner, who, session)
    claims = await here.placed(here.apart(here.assistant.why, session, item, visitor=visitor))
    return models.WhyOut(item=item, reasons=models.reasons(claims))


async def played(
    here: Service,
    events: AsyncGenerator[TurnEvent],
    visitor: str,
    request: Request,
    *,
    streamed: bool,
) -> Response:
    """The answer of a turn, whole or as it comes."""
    request.state.who = visitor
    if streamed or wants(request):
        return await stream(_told(here, events, request))
    async with here.room.place(), aclosing(events):
        async for event in events:
            if isinstance(event, Finished):
                body = models.turn(event.reply).model_dump_json()
                return Response(body, media_type="application/json")
    raise AssertionError("a turn ends with Finished")


async def _told(
    here: Service, events: AsyncGenerator[TurnEvent], request: Request
) -> AsyncGenerator[tuple[str, str]]:
    """The events of a turn with their names. Once an answer has begun, what goes wrong is an event
    as well."""
    async with here.room.place(), aclosing(events):
        try:
            async for event in events:
                yield _event(event)
        except (AssistantError, RetrievalError) as error:
            yield _wrong(named(error), request)


def _wrong(problem: Problem, request: Request) -> tuple[str, str]:
    return "error", json.dumps(shaped(problem, request.url.path, request.state.request))


def _event(event: TurnEvent) -> tuple[str, str]:
    if isinstance(event, Finished):
        return "finished", models.turn(event.reply).model_dump_json()
    if isinstance(event, Shown):
        return "shown", models.ShownOut(
            cards=[models.card(c) for c in event.cards]
        ).model_dump_json()
    if isinstance(event, Text):
        return "text", models.TextOut(text=event.text).model_dump_json()
    assert isinstance(event, Status)
    out = models.StatusOut(stage=event.stage, text=event.text, done=event.done, total=event.total)
    return "status", out.model_dump_json()
