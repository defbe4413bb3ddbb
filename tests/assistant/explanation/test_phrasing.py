"""How facts read: bounds, stock, numbers with their names."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from assistant.explanation import phrasing
from retrieval.types import Field, Item, ItemId

PRICE = Field(name="price", role="number", kind="price", unit="EUR")
YEAR = Field(name="year", role="number", kind="year")
PLAYERS = Field(name="players_max", role="number", label="maximum players")
STOCK = Field(name="in_stock", role="availability")
WIRED = Field(name="wired", role="facet", kind="flag", label="wired")
ITEM = Item(
    id=ItemId("i"),
    title="I",
    fields=MappingProxyType({"price": 79.0, "year": 1999, "players_max": 4}),
)


@pytest.mark.parametrize(
    ("field", "low", "high", "said"),
    [
        (PRICE, None, 100.0, "€79, under your €100"),
        (PRICE, None, 79.0, "price: €79"),
        (YEAR, 1999.0, None, "from 1999"),
        (YEAR, 1990.0, None, "from 1999, after 1990"),
        (PLAYERS, 2.0, None, "maximum players 4, above 2"),
        (PLAYERS, 4.0, None, "maximum players: 4"),
        (PRICE, 50.0, 90.0, "price: €79"),
        (PRICE, None, None, "price: €79"),
    ],
)
def test_a_number_beside_the_bound_it_meets(
    field: Field, low: float | None, high: float | None, said: str
) -> None:
    assert phrasing.bounded(field, ITEM, low, high) == said


def test_stock_and_flags_are_said_by_their_names() -> None:
    assert phrasing.value_fact(STOCK, ("yes",)) == "in stock"
    assert phrasing.value_fact(STOCK, ("no",)) == "out of stock"
    assert phrasing.value_fact(WIRED, ("yes",)) == "wired"
    assert phrasing.value_fact(WIRED, ("no",)) == "not wired"
