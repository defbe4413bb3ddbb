"""Recommend, ask or admit that nothing fits: decided on what was found."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from assistant.constraints import Constraint, Facts
from assistant.moves import next_move
from assistant.preferences import Preferences
from assistant.types import Reading, Relative
from retrieval.types import Candidate, Field, Item, ItemId, Profile, Query, Ranking, Schema, Sort
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
        (Preferences(sort=Sort(field="kind")), Query()),
        (Preferences(constraints=(TALL,), asked_about=("people",)), Query()),
    ],
)
def test_no_question_after_two_in_a_row_nor_unwanted_nor_again(
    preferences: Preferences, query: Query
) -> None:
    ranking = Ranking(query=query, candidates=FOUND)
    assert next_move(preferences, Reading(), ranking, FACTS, NOTHING).question is None


@pytest.mark.parametrize(
    ("preferences", "query"),
    [
        (Preferences(likes=(ItemId("1"),)), Query()),
        (Preferences(constraints=(TALL,)), Query()),
        (Preferences(), Query(profile=Profile(n_events=3))),
    ],
)
def test_whoever_has_told_something_is_asked_for_what_still_tells(
    preferences: Preferences, query: Query
) -> None:
    cast = tuple(
        _candidate(n, kind=("tall", "wide")[n % 2], people=(f"P {n % 3}",)) for n in range(8)
    )
    ranking = Ranking(query=query, candidates=cast)
    question = next_move(preferences, Reading(), ranking, FACTS, NOTHING).question
    assert question is not None
    assert question.field.name not in {c.field for c in preferences.constraints}


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
def test_who_goes_on_looking_is_asked(reading: Reading) -> None:
    ranking = Ranking(candidates=FOUND)
    assert next_move(Preferences(), reading, ranking, FACTS, NOTHING).question is not None


def test_who_names_a_thing_wants_to_see_it() -> None:
    ranking = Ranking(candidates=FOUND)
    move = next_move(Preferences(), Reading(named=(ItemId("1"),)), ranking, FACTS, NOTHING)
    assert (move.kind, move.question) == ("recommend", None)


ITEMS = [Item(id=ItemId(c.id), title=f"Thing {c.id}", fields=c.fields) for c in FOUND]
WIDE = Constraint(kind="include", turn=1, field="kind", values=("wide",))


def _seen(*, shown: int, wanted: Constraint = WIDE) -> tuple[Preferences, Ranking]:
    """Somebody who wants wide things, and has been shown so many of the four."""
    found = tuple(c for c in FOUND if c.fields["kind"] in wanted.values)
    seen = frozenset(ItemId(c.id) for c in found[:shown])
    query = Query(where=wanted.filter(), shown=seen)
    return Preferences(constraints=(wanted,)), Ranking(query=query, candidates=found)


def test_who_goes_on_when_all_that_fits_was_shown_hears_what_may_give_way() -> None:
    preferences, ranking = _seen(shown=4)
    move = next_move(preferences, Reading(text="nice"), ranking, FACTS, Shelf(ITEMS))
    assert (move.kind, move.again) == ("no_match", True)
    assert [(r.lost, r.count) for r in move.relaxations] == [((WIDE,), 4)]


@pytest.mark.parametrize(
    "reading",
    [
        Reading(include={"kind": ("wide",)}),
        Reading(sort=Sort(field="maker")),
        Reading(reference=(1,)),
        Reading(hurry=True),
        Reading(unavailable=True),
        Reading(relative=(Relative(field="price", direction="lower", base="slate"),)),
    ],
)
def test_who_narrows_or_points_may_see_the_same_again(reading: Reading) -> None:
    preferences, ranking = _seen(shown=4)
    assert next_move(preferences, reading, ranking, FACTS, Shelf(ITEMS)).kind == "recommend"


def test_with_anything_new_or_nothing_to_give_up_the_slate_is_shown() -> None:
    preferences, ranking = _seen(shown=3)
    shelf = Shelf(ITEMS)
    assert next_move(preferences, Reading(), ranking, FACTS, shelf).kind == "recommend"
    ranking = Ranking(query=Query(shown=frozenset(ItemId(c.id) for c in FOUND)), candidates=FOUND)
    assert next_move(Preferences(), Reading(), ranking, FACTS, shelf).kind == "recommend"


def test_an_offer_counts_what_is_new_before_what_was_shown() -> None:
    maker = Constraint(kind="include", turn=2, field="maker", values=("nobody",))
    wanted = Preferences(constraints=(WIDE, maker))
    for shown, left in ((FOUND[1:2], 3), (FOUND, 4)):
        query = Query(shown=frozenset(ItemId(c.id) for c in shown))
        move = next_move(wanted, Reading(), Ranking(query=query), FACTS, Shelf(ITEMS))
        assert (move.kind, move.again) == ("no_match", False)
        assert [(r.lost, r.count) for r in move.relaxations] == [((maker,), left)]
