"""Two small invented catalogues: films, and garden plants whose fields have names of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assistant.understanding.context import Context
from assistant.understanding.public_form import parse
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema, Value

FILM_SCHEMA = Schema(
    noun="film",
    nouns="films",
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="plot", role="text", label="plot"),
        Field(name="year", role="number", kind="year", label="year"),
        Field(name="genres", role="facet", multi=True, label="genres"),
        Field(name="directors", role="facet", kind="person", multi=True, label="directors"),
        Field(name="cast", role="facet", kind="person", multi=True, label="cast"),
        Field(name="keywords", role="facet", multi=True, label="keywords"),
        Field(name="mean_rating", role="number", kind="rating", label="rating", derived=True),
        Field(name="n_ratings", role="number", kind="popularity", label="number of ratings"),
    ),
)

PLANT_SCHEMA = Schema(
    noun="plant",
    nouns="plants",
    fields=(
        Field(name="code", role="id"),
        Field(name="name", role="title"),
        Field(name="notes", role="text", label="notes"),
        Field(name="sort", role="facet", label="sort"),
        Field(name="nursery", role="facet", label="nursery"),
        Field(name="cost", role="number", kind="price", label="cost", unit="EUR"),
        Field(name="care.height_cm", role="number", label="height", unit="cm"),
        Field(name="care.light", role="facet", label="light"),
        Field(name="care.evergreen", role="facet", kind="flag", label="evergreen"),
        Field(name="bloom", role="facet", label="bloom colour"),
        Field(name="spines", role="facet", kind="flag", label="spines"),
        Field(name="stock", role="availability", label="in stock"),
    ),
)


def _film(
    key: str, title: str, year: int, genres: str, maker: str, cast: str, known: int, words: str = ""
) -> Item:
    return Item(
        id=ItemId(key),
        title=title,
        text=f"A {genres.lower()} about {words or 'people in a city'}.",
        fields={
            "year": year,
            "genres": tuple(genres.split("/")),
            "directors": (maker,),
            "cast": tuple(cast.split("/")),
            "keywords": tuple(words.split("/")) if words else (),
            "mean_rating": 3.0 + known / 100,
            "n_ratings": known,
        },
    )


FILMS = (
    _film("f1", "The Copper Lantern", 1982, "Mystery/Thriller", "Orla Venning", "Tam Ruck", 90),
    _film("f2", "Copper Lantern Returns", 1989, "Thriller", "Orla Venning", "Tam Ruck", 20),
    _film("f3", "Heat", 1995, "Crime/Thriller", "Milo Brandt", "Ada Quill/Tam Ruck", 80, "heist"),
    _film("f4", "Her", 2013, "Romance/Drama", "Ines Calloway", "Ada Quill", 60, "robots"),
    _film("f5", "Gravelskimmer", 1997, "Sci-Fi", "Milo Brandt", "Ada Quill", 40, "robots"),
    _film("f6", "The Long Orchard", 1960, "Comedy/Romance", "Ines Calloway", "Jo Pell", 30, "gore"),
    _film("f7", "Mudlark Island", 1971, "Horror", "Milo Brandt", "Jo Pell", 25, "gore/zombies"),
    _film("f8", "Mudlark Island", 2004, "Horror/Comedy", "Orla Venning", "Jo Pell", 15, "gore"),
    _film("f9", "Little Otters", 2010, "Animation/Children", "Ines Calloway", "Jo Pell", 70),
    _film("f10", "Glass Harbour", 1948, "Film-Noir/Crime", "Milo Brandt", "Tam Ruck", 35, "heist"),
)


def _plant(
    key: str, name: str, sort: str, nursery: str, cost: float, height: int, **own: Value
) -> Item:
    fields: dict[str, Value] = {
        "sort": sort,
        "nursery": nursery,
        "cost": cost,
        "care.height_cm": height,
        "stock": True,
    }
    fields.update({k.replace("__", "."): v for k, v in own.items()})
    return Item(id=ItemId(key), title=name, text=f"{name} for a {sort} bed.", fields=fields)


PLANTS = (
    _plant("p1", "Fernley Dusk Pillow", "climbing roses", "Fernley", 24.0, 220, bloom="white"),
    _plant("p2", "Marlow Tall Ember", "climbing roses", "Marlow", 31.0, 300, bloom="red"),
    _plant("p3", "Marlow Quiet Dwarf", "climbing roses", "Marlow", 18.0, 90, bloom="pink"),
    _plant("p4", "Fernley Green Wall", "hedge plants", "Fernley", 9.0, 180, care__evergreen=True),
    _plant("p5", "Ostler Shade Box", "hedge plants", "Ostler", 14.0, 120, care__evergreen=True),
    _plant("p6", "Ostler Bare Winter", "hedge plants", "Ostler", 7.0, 150, care__evergreen=False),
    _plant("p7", "Marlow Moon Barrel", "cacti", "Marlow", 12.0, 20, spines=True),
    _plant("p8", "Ostler Soft Pebble", "cacti", "Ostler", 16.0, 8, spines=False),
)

film_engine = RulesEngine(Vocabulary.build(FILM_SCHEMA, FILMS))
plant_engine = RulesEngine(Vocabulary.build(PLANT_SCHEMA, PLANTS))


def shown(*ids: str) -> Context:
    """A context in which these items of either catalogue are the last slate."""
    every = {i.id: i for i in (*FILMS, *PLANTS)}
    slate = tuple(ItemId(i) for i in ids)
    return Context(slate=slate, items={i: every[i] for i in slate})


def parse_rows(
    rows: Iterable[Mapping[str, Any]], engine: RulesEngine, items: Iterable[Item]
) -> list[dict[str, Any]]:
    """Each row's text, read after the slate its context names, in the public form."""
    held = {item.id: item for item in items}
    parses = []
    for row in rows:
        around = row.get("context") or {}
        slate = tuple(ItemId(i) for i in around.get("previous_slate") or ())
        context = Context(slate=slate, items={i: held[i] for i in slate if i in held})
        parses.append(parse(engine.read(row["text"], context), engine.vocabulary.schema))
    return parses
