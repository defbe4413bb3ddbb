"""Items, and finding them: read, similar, search, recommend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from assistant.api import models
from assistant.api.answers import Cursor, IfNoneMatch, Limit, name, number, tagged
from assistant.api.answers import cursor as cursor_of
from assistant.api.problems import Problem
from assistant.api.service import Here, Service, Who
from assistant.background import compute
from assistant.explanation.cards import card
from retrieval import expressions
from retrieval.types import Candidate, ItemId, Pick
from retrieval.types import Query as Wanted

router = APIRouter(prefix="/v1", tags=["items"])

Item = Annotated[str, Path(min_length=1, max_length=256)]
Many = Annotated[int, Query(ge=1, le=100, description="How many at the most.")]


@router.get("/items", operation_id="listItems")
async def items(here: Here, _: Who, cursor: Cursor = None, limit: Limit = 50) -> models.ItemsOut:
    """The items of the catalogue by id in text order, without those that are retired."""
    catalogue = here.assistant.parts.workspace.catalogue
    rows = await here.apart(catalogue.page, name(cursor), limit)
    following = cursor_of(rows[-1].id) if len(rows) == limit else None
    return models.ItemsOut(items=[models.item(row) for row in rows], next=following)


@router.get("/items/{item:path}", operation_id="getItem", response_model=models.ItemOut)
async def item(item: Item, here: Here, _: Who, if_none_match: IfNoneMatch = None) -> Response:
    """An item as the catalogue has it."""
    known = here.assistant.parts.retriever.items.get(ItemId(item))
    if known is None:
        raise Problem("unknown_item")
    return tagged(models.item(known), if_none_match)


@router.get("/similar/{item:path}", operation_id="similarItems")
async def similar(item: Item, here: Here, _: Who, k: Many = 10) -> models.SlateOut:
    """Items like this one, the best first, for nobody in particular."""
    found = await here.placed(here.assistant.arecommend(like=[item], k=k))
    return models.SlateOut(
        items=[models.card(c) for c in found.items], degraded=models.degraded(found.degraded)
    )


@router.get("/search", operation_id="search")
async def search(
    here: Here,
    _: Who,
    q: Annotated[str, Query(max_length=2000, description="Words; empty: what is popular.")] = "",
    where: Annotated[
        str,
        Query(max_length=2000, description='A condition, such as year >= 1990 and genre == "War".'),
    ] = "",
    cursor: Cursor = None,
    limit: Limit = 20,
) -> models.FoundOut:
    """The items nearest to the words that meet the condition, the best hundred of them, for nobody
    in particular. What the words demand is not understood here: that is a turn."""
    at = number(cursor)
    return await here.placed(compute(_found, here, q, where, at, limit))


@router.post("/recommend", operation_id="recommend")
async def recommend(
    body: models.RecommendIn, here: Here, who: Who, request: Request
) -> models.SlateOut:
    """The best items for a visitor, for items liked, for a request in words. Leaves no trace."""
    user = None if body.visitor is None and who.only is None else who.visitor(body.visitor)
    request.state.who = user
    found = await here.placed(
        here.assistant.arecommend(
            user=user, like=body.like, query=body.query, k=body.k, seed=body.seed
        )
    )
    return models.SlateOut(
        items=[models.card(c) for c in found.items], degraded=models.degraded(found.degraded)
    )


def _found(here: Service, words: str, condition: str, at: int, limit: int) -> models.FoundOut:
    parts = here.assistant.parts
    where = expressions.parse(condition, parts.schema) if condition.strip() else None
    ranking = parts.retriever.candidates(Wanted(text=words, where=where, unavailable=True))
    rows = ranking.candidates[at : at + limit]
    more = at + limit < len(ranking.candidates)
    return models.FoundOut(
        items=_cards(here, rows),
        fitting=ranking.eligible,
        next=cursor_of(at + limit) if more else None,
    )


def _cards(here: Service, rows: Sequence[Candidate]) -> list[models.CardOut]:
    parts = here.assistant.parts
    picks = [Pick(item=parts.retriever.items[ItemId(r.id)], candidate=r) for r in rows]
    return [models.card(card(pick, parts.schema)) for pick in picks]
