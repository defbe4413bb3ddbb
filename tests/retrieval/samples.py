"""Small catalogues for the tests of retrieval: an invented shop shelf, and films where present."""

from __future__ import annotations

import json

from retrieval.types import Field, Item, ItemId, Schema, Value
from tests.shared import shared_path

SHELF_SCHEMA = Schema(
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="makers", role="facet", kind="person", multi=True),
        Field(name="kind", role="facet"),
        Field(name="vegan", role="facet", kind="flag"),
        Field(name="price", role="number", kind="price"),
        Field(name="tags", role="facet", multi=True),
        Field(name="about", role="text"),
    )
)


def thing(number: str, title: str, text: str = "", **fields: Value) -> Item:
    """One item of the shelf."""
    return Item(id=ItemId(number), title=title, text=text, fields=fields)


SHELF = (
    thing("s3", "It", "A box without a label.", kind="mystery"),
    thing(
        "s1", "Café Lumière", "Dark roast, tastes of cocoa.", makers=("Ada Roast",), kind="coffee"
    ),
    thing("s2", "Green Morning", "Tea for early hours. It is mild.", kind="tea", tags=("calm",)),
    thing("s4", "Cocoa Crème", "Thick and sweet.", makers=("Ada Roast", "Bo Lind"), kind="cocoa"),
    thing("s5", "東京の朝", "静かな朝のお茶", kind="tea"),
)

FILM_SCHEMA = Schema(
    fields=(
        Field(name="item_id", role="id"),
        Field(name="title", role="title"),
        Field(name="genres", role="facet", multi=True),
        Field(name="directors", role="facet", kind="person", multi=True),
        Field(name="cast", role="facet", kind="person", multi=True),
        Field(name="keywords", role="facet", multi=True),
        Field(name="overview", role="text"),
    )
)


def films(count: int, *, step: int = 1) -> list[Item]:
    """The first ``count`` of every ``step``-th film; skips the test where they are absent."""
    path = shared_path("data", "films", "catalog.jsonl")
    items: list[Item] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % step or len(items) >= count:
                continue
            row = json.loads(line)
            facets = ("genres", "directors", "cast", "keywords")
            fields: dict[str, Value] = {f: tuple(row[f]) for f in facets if row[f]}
            items.append(
                Item(
                    id=ItemId(str(row["item_id"])),
                    title=row["title"],
                    text=row["overview"] or "",
                    fields=fields,
                )
            )
    return items
