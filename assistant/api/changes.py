"""The catalogue changed item by item: sent, or retired, and in force when its version is built."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, Field, JsonValue

from assistant.api import models
from assistant.api.problems import Problem
from assistant.api.service import Here, Service, Who
from retrieval.items import BadRow, sent_item
from retrieval.types import Item, ItemId

router = APIRouter(prefix="/v1", tags=["items"])

RowIn = dict[str, JsonValue]


class ChangesIn(models.Taken):
    """Changes of the catalogue: items as lines of it, with their ids, and ids to retire."""

    put: list[RowIn] = Field(default_factory=list, max_length=1000)
    retire: list[models.Id] = Field(default_factory=list, max_length=1000)


class DoubtOut(BaseModel):
    """Something of a row that was left out, the row being taken without it: a field that cannot be
    read (``unreadable_<field>``) or is not of the catalogue (``unknown_<field>``)."""

    index: int
    code: str


class RowRefusedOut(BaseModel):
    """What was not taken: its list, its place there, counted from 0, and why."""

    list: Literal["put", "retire"]
    index: int
    code: str


class ChangedOut(BaseModel):
    """What became of changes; ``waiting`` items in all are not in force yet."""

    put: int
    retired: int
    doubts: list[DoubtOut]
    refused: list[RowRefusedOut]
    waiting: int


class CatalogueOut(BaseModel):
    """The version that answers, and the changes that wait. ``stage`` is what is being done while
    it builds, ``problem`` why the last build failed: it is tried again."""

    version: int
    items: int
    waiting: int
    state: Literal["idle", "building", "failed"]
    stage: str
    problem: str


Named = Annotated[str, Path(min_length=1, max_length=256)]
Row = Annotated[
    RowIn,
    Body(
        description="The item as a line of the catalogue has it: the same fields, lists as lists. "
        "It takes the place of what has this id.",
    ),
]


@router.get("/catalogue", operation_id="catalogue")
async def catalogue(here: Here, who: Who) -> CatalogueOut:
    """Which version answers, and how the changes stand that wait. What went wrong with a build,
    which may name a folder, is for an owner's key."""
    return await here.apart(_state, here, who)


@router.put("/items/{item:path}", operation_id="putItem", status_code=202)
async def put(item: Named, row: Row, here: Here, who: Who) -> ChangedOut:
    """Add an item or replace it as a whole. Kept when this is answered; found and recommended once
    the next version is built, which begins at once."""
    id_field = here.assistant.parts.schema.by_role("id")[0].name
    sent = ChangesIn(put=[{**row, id_field: item}])
    answer = await here.apart(_changed, here, who, sent)
    for refused in answer.refused:
        raise Problem("invalid", f"The item cannot be taken: {refused.code}.")
    return answer


@router.delete("/items/{item:path}", operation_id="retireItem", status_code=202)
async def retire(item: Named, here: Here, who: Who) -> ChangedOut:
    """Retire an item: it is not recommended from now on, and its history stays. A later change
    brings it back."""
    answer = await here.apart(_changed, here, who, ChangesIn(retire=[item]))
    if answer.refused:
        raise Problem("unknown_item")
    return answer


@router.post("/items/batch", operation_id="changeItems", status_code=202)
async def many(body: ChangesIn, here: Here, who: Who) -> ChangedOut:
    """Add, replace and retire up to 1,000 items each in one transaction. Those that cannot be taken
    are told by their list and place; the others are kept. What is in both lists is retired."""
    return await here.apart(_changed, here, who, body)


def _changed(here: Service, who: Who, sent: ChangesIn) -> ChangedOut:
    who.need("owner")
    parts = here.assistant.parts
    if not parts.workspace.writable:
        raise Problem("forbidden", "This service reads its workspace and does not change it.")
    refused: list[RowRefusedOut] = []
    doubts: list[DoubtOut] = []
    items: dict[str, Item] = {}
    for place, row in enumerate(sent.put):
        try:
            item, told = sent_item(parts.schema, row)
        except BadRow as error:
            refused.append(RowRefusedOut(list="put", index=place, code=str(error)))
            continue
        items[item.id] = item
        doubts += [DoubtOut(index=place, code=_short(code)) for code in told[:20]]
    named = [ItemId(i) for i in sent.retire]
    known = {*parts.workspace.catalogue.get(named), *parts.workspace.changes.among(named), *items}
    gone: list[ItemId] = []
    for place, name in enumerate(named):
        if name in known:
            gone.append(name)
        else:
            refused.append(RowRefusedOut(list="retire", index=place, code="unknown_item"))
    if items or gone:
        here.renewal.change(list(items.values()), gone)
    return ChangedOut(
        put=len(items),
        retired=len(gone),
        doubts=doubts,
        refused=refused,
        waiting=here.renewal.waiting,
    )


def _short(code: str) -> str:
    """A code with the name of a field that was sent, which may be anything."""
    return code[:80].encode("utf-8", "replace").decode()


def _state(here: Service, who: Who) -> CatalogueOut:
    parts, now = here.assistant.parts, here.renewal.now
    return CatalogueOut(
        version=parts.workspace.versions.active() or 0,
        items=len(parts.retriever.items),
        waiting=here.renewal.waiting,
        state=now.state,
        stage=now.stage,
        problem=now.problem if who.reach == "owner" else "",
    )
