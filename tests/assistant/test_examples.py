"""Messages to begin with: the schema's own, else made from what the catalogue holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant import Assistant
from assistant.examples import openings


def test_without_openings_of_its_own_a_catalogue_gets_four_that_find_something(
    films: Assistant,
) -> None:
    said = films.examples()
    assert len(said) == 4
    for number, message in enumerate(said):
        reply = films.reply(f"s{number}", message, visitor="ann")
        assert reply.cards, message
        assert not reply.degraded


def test_the_schemas_own_openings_stand_as_they_are(films: Assistant) -> None:
    own = ("something old", "something new")
    assert openings(replace(films.parts.schema, openings=own), []) == own


@pytest.mark.parametrize("which", ["films", "shop"])
def test_a_catalogue_without_items_gets_none(which: str, request: pytest.FixtureRequest) -> None:
    assert openings(request.getfixturevalue(which).parts.schema, []) == ()
