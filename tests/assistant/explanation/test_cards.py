"""What a card takes from its item beside the reasons."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from assistant.explanation.cards import tones
from retrieval.types import Field, Item, ItemId, Schema, Value

SCHEMA = Schema(
    fields=(
        Field(name="languages", role="facet", multi=True, coverage=1.0, embedded=False),
        Field(name="genres", role="facet", multi=True, coverage=1.0),
        Field(name="cast", role="facet", kind="person", multi=True, coverage=1.0),
        Field(name="themes", role="facet", multi=True, coverage=0.1),
    )
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"genres": ("Crime", "Drama"), "themes": ("tense", "revenge")}, ("Crime", "tense")),
        ({"genres": ("Crime", "Drama")}, ("Crime", "Drama")),
        ({"genres": ("Crime",), "languages": ("English",), "cast": ("Ann Oak",)}, ("Crime",)),
        ({"themes": ("tense",)}, ("tense",)),
        ({}, ()),
    ],
)
def test_a_card_is_coloured_by_its_sort_and_then_by_its_mood(
    fields: dict[str, Value], expected: tuple[str, ...]
) -> None:
    item = Item(id=ItemId("a"), title="A", fields=MappingProxyType(fields))
    assert tones(item, SCHEMA) == expected
