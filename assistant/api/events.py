"""What visitors do elsewhere, told to Palate: one event or many, each delivery once."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Response

from assistant.api import models
from assistant.api.service import Here, Service, Who
from retrieval.kinds import EventKinds
from retrieval.types import Event, ItemId, UserId

router = APIRouter(prefix="/v1/events", tags=["events"])

Once = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Names the delivery: sent again within seven days, it is answered as before "
        "and adds nothing.",
    ),
]


@router.post("", operation_id="addEvent")
async def one(
    body: models.EventIn,
    here: Here,
    who: Who,
    response: Response,
    idempotency_key: Once = None,
) -> models.EventsOut:
    """Add one event. The same event (visitor, item, kind, value, time) is never added twice."""
    return await here.apart(_taken, here, who, [body], idempotency_key, response)


@router.post("/batch", operation_id="addEvents")
async def many(
    body: models.EventsIn,
    here: Here,
    who: Who,
    response: Response,
    idempotency_key: Once = None,
) -> models.EventsOut:
    """Add up to 1,000 events in one transaction. Those that cannot be taken are told by their
    place; the others are added."""
    return await here.apart(_taken, here, who, body.events, idempotency_key, response)


def _taken(
    here: Service,
    who: Who,
    sent: Sequence[models.EventIn],
    key: str | None,
    response: Response,
) -> models.EventsOut:
    parts = here.assistant.parts
    kinds, now = parts.workspace.kinds(), time.time()
    refused = [
        models.RefusedOut(index=n, code=code)
        for n, event in enumerate(sent)
        if (code := _wrong(event, kinds, known=ItemId(event.item) in parts.retriever.items))
    ]
    out = {r.index for r in refused}
    events = [
        Event(
            user=UserId(who.visitor(e.visitor)),
            item=ItemId(e.item),
            kind=e.kind,
            value=e.value,
            time=now if e.time is None else e.time,
        )
        for n, e in enumerate(sent)
        if n not in out
    ]

    def answer(new: int) -> str:
        said = models.EventsOut(accepted=new, repeated=len(events) - new, refused=refused)
        return said.model_dump_json()

    if key is None:
        return models.EventsOut.model_validate_json(answer(parts.workspace.events.append(events)))
    content = json.dumps([e.model_dump(mode="json") for e in sent], sort_keys=True)
    digest = bytes.fromhex(here.door.seal("delivery", content))
    space = who.only or who.space
    delivered = parts.workspace.deliveries.take(space, key, digest, events, answer)
    if delivered.again:
        response.headers["Idempotent-Replayed"] = "true"
    return models.EventsOut.model_validate_json(delivered.answer)


def _wrong(event: models.EventIn, kinds: EventKinds, *, known: bool) -> models.Refusal | None:
    """The code of what is wrong with an event; None for nothing."""
    if not known:
        return "unknown_item"
    kind = kinds.table.get(event.kind)
    if kind is None:
        return "unknown_kind"
    return "needs_value" if kind.carries == "stars" and event.value is None else None
