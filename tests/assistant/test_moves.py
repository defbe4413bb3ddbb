"""Recommend, ask or admit that nothing fits: decided on what was found."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from assistant.constraints import Constraint, Facts
from assistant.moves import next_move
from assistant.preferences import Preferences
from assistant.types import Reading, Relative
from retrieval.types import Candidate, Field, ItemId, Profile, Query, Ranking, Schema
from tests.assistant.shelf import Shelf

SCHEMA = Schema(
    fields=(
        Field(name="kind", role="facet"),
        Field(name="maker", role="facet"),
        Field(name="people", role="facet", kind="person"),
    )
)


def _candidate(n: int, **fields: object) -> Candidate:
    return Candidate(id=str(n), fields=MappingProxyType(fields))  # type: ignore[arg-type]


FOUND = tuple(
    _candidate(n, kind=("tall", "wide")[n % 2], maker="same" if n else "other", people=(f"P {n}",))
    for n in range(8)
)


TALL = Constraint(kind="include", turn=1, field="kind", values=("tall",))
NOTHING = Shelf([])
FACTS = Facts(schema=SCHEMA, items={}, count=NOTHING.count, main="kind")


def test_a_vague_opener_gets_a_slate_with_a_question() -> None:
    move = next_move(Preferences(), Reading(), Ranking(candidates=FOUND), FACTS, NOTHING)
    assert move.kind == "recommend"
    assert move.question is not None


@pytest.mark.parametrize(
    ("preferences", "query"),
    [
        (Preferences(asked=2), Query()),
        (Preferences(hush=True), Query()),
        (Preferences(asked_about=("kind",)), Query()),
        (Preferences(likes=(ItemId("1"),)), Query()),
        (Preferences(constraints=(TALL,)), Query()),
        (Preferences(), Query(profile=Profile(n_events=3))),
    ],
)
def test_no_question_after_two_in_a_row_nor_when_enough_is_known(
    preferences: Preferences, query: Query
) -> None:
    ranking = Ranking(query=query, candidates=FOUND)
    assert next_move(preferences, Reading(), ranking, FACTS, NOTHING).question is None


def test_an_ambiguous_title_is_asked_about() -> None:
    reading = Reading(unclear=(ItemId("1"), ItemId("2")))
    assert (
        next_move(Preferences(), reading, Ranking(candidates=FOUND), FACTS, NOTHING).kind == "ask"
    )


def test_nothing_found_is_no_match() -> None:
    assert next_move(Preferences(), Reading(), Ranking(), FACTS, NOTHING).kind == "no_match"


@pytest.mark.parametrize(
    "reading",
    [
        Reading(more=True),
        Reading(relative=(Relative(field="price", direction="lower", base="slate"),)),
        Reading(reference=(2,)),
        Reading(disliked=(ItemId("3"),)),
    ],
)
def test_who_judges_what_was_shown_is_not_asked(reading: Reading) -> None:
    ranking = Ranking(candidates=FOUND)
    assert next_move(Preferences(), reading, ranking, FACTS, NOTHING).question is None
