"""What is held of a visitor: read, changed, exported, erased."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from assistant.api import models
from assistant.api.answers import IfMatch, IfNoneMatch, same, tag, tagged
from assistant.api.problems import Problem
from assistant.api.service import Here, Service, Who
from assistant.person import Person
from retrieval.types import ItemId

router = APIRouter(prefix="/v1/visitors/{visitor}", tags=["visitors"])


@router.get("/profile", operation_id="getProfile", response_model=models.ProfileOut)
async def profile(
    visitor: models.VisitorName,
    here: Here,
    who: Who,
    request: Request,
    language: models.Language = "en",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What is remembered of a visitor and acted on, what they saved, how many events there are."""
    inside = request.state.who = who.visitor(visitor)
    person = here.assistant.person(inside, language=language)
    return tagged(await here.apart(_held, person, who.shown(inside)), if_none_match)


@router.patch("/profile", operation_id="editProfile", response_model=models.ProfileOut)
async def edit(
    visitor: models.VisitorName,
    body: models.ProfileIn,
    here: Here,
    who: Who,
    request: Request,
    language: models.Language = "en",
    if_match: IfMatch = None,
) -> Response:
    """Change what is remembered or saved. With If-Match only where nothing changed since that was
    read. Ids of beliefs that are not there are passed over; an unknown item changes nothing."""
    inside = request.state.who = who.visitor(visitor)
    person = here.assistant.person(inside, language=language)
    after = await here.apart(_edited, here, person, who.shown(inside), body, if_match)
    return tagged(after, None)


@router.get("/export", operation_id="exportVisitor")
async def export(
    visitor: models.VisitorName, here: Here, who: Who, request: Request
) -> dict[str, Any]:
    """Everything that is held of a visitor."""
    inside = request.state.who = who.visitor(visitor)
    return await here.apart(here.assistant.person(inside).export)


@router.delete("", operation_id="eraseVisitor")
async def erase(
    visitor: models.VisitorName, here: Here, who: Who, request: Request
) -> models.ErasedOut:
    """Erase everything that is held of a visitor, everywhere in the workspace."""
    inside = request.state.who = who.visitor(visitor)
    done = await here.placed(here.apart(here.assistant.person(inside).erase))
    return models.ErasedOut(erased=dict(done.rows), rebuild_due=done.trained)


def _held(person: Person, visitor: str) -> models.ProfileOut:
    beliefs = [
        models.BeliefOut(
            id=b.id,
            text=b.text,
            said=b.said,
            at=b.at,
            strength=round(b.strength, 3),
            pinned=b.pinned,
        )
        for b in person.beliefs()
    ]
    return models.ProfileOut(
        visitor=visitor,
        paused=person.paused,
        beliefs=beliefs,
        saved=list(person.saved()),
        events=len(person.history()),
    )


def _edited(
    here: Service, person: Person, visitor: str, body: models.ProfileIn, known: str | None
) -> models.ProfileOut:
    if known is not None and not same(known, tag(_held(person, visitor))):
        raise Problem("changed")
    if any(ItemId(i) not in here.assistant.parts.retriever.items for i in body.save):
        raise Problem("unknown_item")
    if body.paused is not None:
        person.pause(paused=body.paused)
    for belief in body.forget:
        person.forget(belief)
    for belief in body.pin:
        person.pin(belief)
    for belief in body.unpin:
        person.pin(belief, pinned=False)
    for item in body.save:
        person.save(item)
    for item in body.unsave:
        person.save(item, saved=False)
    return _held(person, visitor)
