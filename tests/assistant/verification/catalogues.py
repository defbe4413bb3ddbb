"""Three small catalogues that texts are held to: films, a shop, plants."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from assistant.understanding.vocabulary import Vocabulary
from assistant.verification.check import Checker, Verdict
from assistant.verification.known import Known
from assistant.verification.sheet import Person
from retrieval.types import Field, Item, ItemId, Schema, Value


def item(id: str, title: str, text: str = "", *, available: bool = True, **fields: Value) -> Item:
    return Item(
        id=ItemId(id), title=title, text=text, fields=MappingProxyType(fields), available=available
    )


FILMS = Schema(
    fields=(
        Field(name="title", role="title"),
        Field(name="overview", role="text"),
        Field(name="genres", role="facet", multi=True, label="genres"),
        Field(name="directors", role="facet", kind="person", multi=True, label="directors"),
        Field(name="cast", role="facet", kind="person", multi=True, label="cast"),
        Field(name="year", role="number", kind="year", label="year"),
        Field(name="runtime", role="number", label="running time", unit="min"),
        Field(name="mean_rating", role="number", kind="rating", label="rating", derived=True),
        Field(name="n_ratings", role="number", kind="popularity", label="ratings", derived=True),
    ),
    noun="film",
    nouns="films",
)
HEAT = item(
    "heat", "Heat", "A detective hunts a master thief through Los Angeles.",
    genres=("Crime", "Thriller"), directors=("Michael Mann",),
    cast=("Al Pacino", "Robert De Niro"), year=1995, runtime=170, mean_rating=4.2, n_ratings=215,
)  # fmt: skip
ALI = item(
    "ali", "Ali", "The life of a boxer.", genres=("Drama",), directors=("Michael Mann",),
    cast=("Will Smith",), year=2001, runtime=157, mean_rating=3.4, n_ratings=40,
)  # fmt: skip
ALIEN = item(
    "alien", "Alien", "A crew meets a creature in space.", genres=("Horror", "Sci-Fi"),
    directors=("Ridley Scott",), cast=("Sigourney Weaver",), year=1979, runtime=117,
    mean_rating=4.0, n_ratings=120,
)  # fmt: skip
MOON = item(
    "moon", "Moon Over Water", "Two people wait for a ferry.",
    genres=("Romance", "Love", "slow-burning", "slow burning"),
    directors=("Ada Quill",), cast=("Tam Ruck",), year=2003, runtime=98, mean_rating=3.7589,
    n_ratings=56,
)  # fmt: skip
TIDES = item(
    "tides", "Tides", "A lighthouse and its keeper.", genres=("Drama", "Love", "slow burning"),
    directors=("Milo Brandt",), cast=("Orla Venning",), year=2010, runtime=110, mean_rating=3.1,
    n_ratings=12,
)  # fmt: skip

SHOP = Schema(
    fields=(
        Field(name="title", role="title"),
        Field(name="description", role="text"),
        Field(name="category", role="facet", label="category"),
        Field(name="brand", role="facet", label="brand"),
        Field(name="price", role="number", kind="price", label="price", unit="EUR"),
        Field(name="rating", role="number", kind="rating", label="rating"),
        Field(name="in_stock", role="availability", label="in stock"),
        Field(name="attributes.weight_g", role="number", label="weight", unit="g"),
        Field(name="attributes.colour", role="facet", label="colour"),
        Field(name="attributes.material", role="facet", label="material"),
        Field(name="attributes.waterproof", role="facet", kind="flag", label="waterproof"),
        Field(name="released", role="date", label="released"),
    ),
    noun="product",
    nouns="products",
)
TENT = item(
    "tent", "Orrin Ridge", "Pitched before the kettle boils.",
    category="tents", brand="Orrin", price=149.5, rating=4.4, released="2022-05-15",
    **{"attributes.weight_g": 2400, "attributes.colour": "green", "attributes.waterproof": True,
       "attributes.material": "canvas"},
)  # fmt: skip
LAMP = item(
    "lamp", "Vessel Dusk", "A warm light for late pages.", available=False,
    category="lamps", brand="Vessel", price=39.0, rating=3.9, released="2021-01-03",
    **{"attributes.weight_g": 900, "attributes.colour": "red", "attributes.waterproof": False,
       "attributes.material": "steel"},
)  # fmt: skip

PLANTS = Schema(
    fields=(
        Field(name="name", role="title"),
        Field(name="notes", role="text"),
        Field(name="family", role="facet", label="family"),
        Field(name="light", role="facet", label="light"),
        Field(name="breeder", role="facet", kind="person", label="breeder"),
        Field(name="height_cm", role="number", label="height", unit="cm"),
        Field(name="introduced", role="number", kind="year", label="introduced"),
        Field(name="edible", role="facet", kind="flag", label="edible"),
        Field(name="price", role="number", kind="price", label="price", unit="EUR"),
    ),
    noun="plant",
    nouns="plants",
)
SAGE = item(
    "sage", "Silver Harbour", "Grey leaves that smell of lemon after rain.", family="Lamiaceae",
    light="full sun", breeder="Odile Varenne", height_cm=60, introduced=1987, edible=True,
    price=6.9,
)  # fmt: skip
FERN = item(
    "fern", "Cellar Lace", "Unrolls slowly beside a north wall.", family="Dryopteridaceae",
    light="deep shade", breeder="Tom Askel", height_cm=35, introduced=2004, edible=False, price=9.5,
)  # fmt: skip

CLOSE = {frozenset({"heat", "ali"}): 0.7}
TOGETHER = {frozenset({"heat", "alien"}): (12, 1.5), frozenset({"heat", "ali"}): (3, 9.0)}
PERSON = Person(
    liked=frozenset({ItemId("alien"), ItemId("fern")}),
    had=frozenset({ItemId("alien"), ItemId("fern"), ItemId("ali")}),
    rated=((ItemId("alien"), 4.5), (ItemId("ali"), 2.0)),
)


def _similarity(left: Sequence[ItemId], right: Sequence[ItemId]) -> np.ndarray:
    return np.array([[CLOSE.get(frozenset({a, b}), 0.1) for b in right] for a in left])


def checker(schema: Schema, *items: Item) -> Checker:
    return Checker(
        Known(
            {i.id: i for i in items},
            Vocabulary.build(schema, items),
            similarity=_similarity,
            together=lambda a, b: TOGETHER.get(frozenset({a, b}), (0, 0.0)),
            trending=(ItemId("heat"),),
        )
    )


CHECKERS = {
    "film": checker(FILMS, HEAT, ALI, ALIEN, MOON, TIDES),
    "shop": checker(SHOP, TENT, LAMP),
    "plant": checker(PLANTS, SAGE, FERN),
}
ITEMS = {i.id: i for i in (HEAT, ALI, ALIEN, MOON, TIDES, TENT, LAMP, SAGE, FERN)}


def check(
    domain: str, id: str, text: str, *, known: bool = True, above: str | None = None
) -> Verdict:
    return CHECKERS[domain].check(
        text,
        ITEMS[ItemId(id)],
        person=PERSON if known else None,
        above=ITEMS[ItemId(above)] if above else None,
    )
