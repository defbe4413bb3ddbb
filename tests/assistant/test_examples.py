"""Messages to begin with: the schema's own, else made from what the catalogue holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.examples import openings
from tests.assistant.conftest import Open


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


@pytest.mark.parametrize(
    ("number", "wants"),
    [
        (0, set()),
        (1, {"Comedy", "with George Clooney"}),
        (2, {"before 1993"}),
        (
            3,
            {"Thriller", "from 1990 to 1999", "running time under 120 min", "without English"},
        ),
        (4, {"Family", "running time under 100 min", "without Thriller or Horror"}),
        (5, set()),
    ],
)
def test_the_openings_of_the_built_in_films_are_read_as_meant(
    open_assistant: Open, built_in_home: Path, number: int, wants: set[str]
) -> None:
    assistant = open_assistant(built_in_home)
    said = assistant.examples()
    assert len(said) == 6
    reply = assistant.reply("s", said[number], visitor="ann")
    assert {w.text for w in reply.wants} >= wants
    if reply.act != "no_match":
        assert reply.act == "recommend"
        assert reply.cards


@pytest.mark.parametrize("which", ["films", "shop"])
def test_a_catalogue_without_items_gets_none(which: str, request: pytest.FixtureRequest) -> None:
    assert openings(request.getfixturevalue(which).parts.schema, []) == ()
