"""Recommend, ask or admit that nothing fits: decided on what was found."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from assistant.constraints import Constraint
from assistant.moves import best_question, next_move, relaxations
from assistant.preferences import Preferences
from assistant.types import Reading
from retrieval.filters import Filter, Has
from retrieval.types import Candidate, Field, ItemId, Profile, Query, Ranking, Schema

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


def _none(_where: Filter | None) -> int:
    return 0


def test_the_question_is_about_the_facet_that_splits_best() -> None:
    question = best_question(FOUND, SCHEMA)
    assert question is not None
    assert question.field.name == "kind"
    assert set(question.options) == {"tall", "wide"}


def test_there_is_no_question_where_nothing_splits() -> None:
    assert best_question([_candidate(n, kind="tall") for n in range(4)], SCHEMA) is None


def test_a_vague_opener_gets_a_slate_with_a_question() -> None:
    move = next_move(Preferences(), Reading(), Ranking(candidates=FOUND), SCHEMA, _none)
    assert move.kind == "recommend"
    assert move.question is not None


@pytest.mark.parametrize(
    ("preferences", "query"),
    [
        (Preferences(asked=2), Query()),
        (Preferences(likes=(ItemId("1"),)), Query()),
        (Preferences(), Query(profile=Profile(n_events=3))),
    ],
)
def test_no_question_after_two_in_a_row_nor_when_something_is_known(
    preferences: Preferences, query: Query
) -> None:
    ranking = Ranking(query=query, candidates=FOUND)
    assert next_move(preferences, Reading(), ranking, SCHEMA, _none).question is None


def test_an_ambiguous_title_is_asked_about() -> None:
    reading = Reading(unclear=(ItemId("1"), ItemId("2")))
    assert next_move(Preferences(), reading, Ranking(candidates=FOUND), SCHEMA, _none).kind == "ask"


def test_relaxations_count_what_each_dropped_constraint_would_leave() -> None:
    tall = Constraint(kind="include", turn=1, field="kind", values=("tall",))
    made = Constraint(kind="include", turn=2, field="maker", values=("nobody",))

    def count(where: Filter | None) -> int:
        return 4 if where == Has("kind", ("tall",)) else 0

    (only,) = relaxations(Preferences(constraints=(tall, made)), count)
    assert (only.constraint, only.count) == (made, 4)


def test_nothing_found_is_no_match() -> None:
    assert next_move(Preferences(), Reading(), Ranking(), SCHEMA, _none).kind == "no_match"
