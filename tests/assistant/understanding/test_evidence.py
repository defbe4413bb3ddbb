"""What a message really says of numbers, comparisons, values and titles."""

from __future__ import annotations

import pytest

from assistant.types import Direction, Reading
from assistant.understanding.context import Context
from assistant.understanding.evidence import Evidence, known_values
from tests.assistant.understanding.worlds import film_engine, plant_engine

VOCABULARY = film_engine.vocabulary


def evidence(message: str, question: str = "") -> Evidence:
    heard = film_engine.heard(message, Context())
    return Evidence(vocabulary=VOCABULARY, message=message, heard=heard, question=question)


@pytest.mark.parametrize(
    ("message", "low", "high", "rests"),
    [
        ("before 1970", 1970, None, False),
        ("before 1970", None, 1969, True),
        ("before 1970", None, 1970, True),
        ("not before 1970", 1970, None, True),
        ("not before 1970", None, 1970, False),
        ("nothing after 1990", None, 1990, True),
        ("nothing after 1990", 1990, None, False),
        ("after 1999", 2000, None, True),
        ("between 1960 and 1975", 1960, 1975, True),
        ("between 1960 and 1975", 1975, None, False),
        ("between 1960 and 1975", None, 1960, False),
        ("from the eighties", 1980, 1989, True),
        ("from the eighties", 1990, 1999, False),
        ("before the eighties", 1980, None, False),
        ("before the eighties", None, 1979, True),
        ("under 1970 euros", None, 1970, False),
        ("something short", None, 90, False),
        ("avant 1970", 1970, None, False),
        ("avant 1970", None, 1969, True),
        ("1990年之后", 1990, None, True),
    ],
)
def test_a_limit_rests_on_a_number_on_the_side_it_bounds(
    message: str, low: float | None, high: float | None, rests: bool
) -> None:
    year = VOCABULARY.numbers.get("year")
    assert year is not None
    assert evidence(message).bounds(year, low, high) is rests


@pytest.mark.parametrize(
    ("message", "field", "low", "high", "rests"),
    [
        ("under 1.5 metres", "care.height_cm", None, 150, True),
        ("under 1.5 metres", "care.height_cm", 150, None, False),
        ("under 1.5 metres", "cost", None, 1.5, False),
        ("at most 15 euros", "cost", None, 15, True),
        ("at most 15 euros", "care.height_cm", None, 15, False),
        ("at most 15", "cost", None, 16, False),
    ],
)
def test_a_number_measures_what_its_unit_does(
    message: str, field: str, low: float | None, high: float | None, rests: bool
) -> None:
    known = plant_engine.vocabulary.numbers.get(field)
    assert known is not None
    said = Evidence(vocabulary=plant_engine.vocabulary, message=message)
    assert said.bounds(known, low, high) is rests


@pytest.mark.parametrize(
    ("message", "direction", "said"),
    [
        ("newer than Heat", "higher", True),
        ("newer than Heat", "lower", False),
        ("less new than Heat", "lower", True),
        ("too new for me", "lower", True),
        ("from another year", "lower", True),
        ("funnier than Heat", "higher", False),
        ("neuer als Heat", "higher", True),
        ("neuer als Heat", "lower", False),
    ],
)
def test_a_comparison_goes_the_way_its_word_goes(
    message: str, direction: Direction, said: bool
) -> None:
    year = VOCABULARY.numbers.get("year")
    assert year is not None
    assert evidence(message).compares(year, direction) is said


def test_a_value_is_held_in_whatever_language_it_was_said() -> None:
    (comedy,) = known_values(VOCABULARY, "genres", "Comedy")
    assert evidence("une comédie, s'il vous plaît").holds(comedy)
    assert not evidence("un drame, s'il vous plaît").holds(comedy)


def test_a_word_that_one_value_alone_has_is_enough_to_tell_it() -> None:
    def said(message: str, value: str) -> bool:
        (found,) = [v for v in known_values(vocabulary, "sort", value) if v.value == value]
        return Evidence(vocabulary=vocabulary, message=message).holds(found)

    vocabulary = plant_engine.vocabulary
    assert said("for the hedge behind the house", "hedge plants")
    assert not said("for the wall", "climbing roses")


def test_our_question_offers_values_but_says_nothing() -> None:
    asked = evidence("the first", "Which genres: Comedy or Crime?")
    assert asked.offered == {("genres", "Comedy"), ("genres", "Crime")}
    assert not asked.says("comedy")
    assert evidence("comedy", "Which genres: Comedy or Crime?").offered == {("genres", "Crime")}


def test_a_title_is_named_with_a_slip_but_not_by_another_word() -> None:
    assert evidence("like gravelskimer please").names("gravelskimmer")
    assert not evidence("here and there").names("her")
    assert not evidence("like that").names("glass harbour")


def test_beside_the_rules_only_words_they_left_may_be_read_anew() -> None:
    (horror,) = known_values(VOCABULARY, "genres", "Horror")
    year = VOCABULARY.numbers.get("year")
    assert year is not None

    def beside(message: str, left: str) -> Evidence:
        return Evidence(vocabulary=VOCABULARY, message=message, left=left)

    assert beside("newer horror", "horror").holds(horror)
    assert not beside("newer horror", "").holds(horror)
    assert beside("newer horror", "newer").compares(year, "higher")
    assert not beside("newer horror", "horror").compares(year, "higher")
    assert beside("more of that glass harbor thing", "glass harbor").names("glass harbour")
    assert not beside("more of that glass harbor thing", "more").names("glass harbour")


@pytest.mark.parametrize(
    ("message", "key", "named"),
    [
        ("the one with the robbery, Heat", "heat", True),
        ('the one called "heat"', "heat", True),
        ("the heat is too much for me", "heat", False),
        ("that glass harbor thing", "glass harbour", True),
        ("a harbour of glass", "glass harbour", False),
        ("something set in a harbour", "glass harbour", False),
        ("something with a lantern", "lantern", False),
        ("the one with the Lantern", "lantern", True),
    ],
)
def test_what_the_rules_took_for_no_title_is_one_only_when_it_looks_like_one(
    message: str, key: str, named: bool
) -> None:
    said = Evidence(vocabulary=VOCABULARY, message=message, left=message)
    assert said.names(key) is named


def test_who_says_something_of_their_own_is_not_choosing_among_our_answers() -> None:
    asked = "Which genres: Comedy or Crime?"

    def beside(rules: Reading) -> Evidence:
        return Evidence.beside(rules, VOCABULARY, "x", "x", asked)

    assert beside(Reading(text="middle one")).question == asked
    assert beside(Reading(text="middle one")).left == "middle one"
    assert beside(Reading(include={"cast": ("Ada Quill",)})).question == ""
    assert beside(Reading(include={"cast": ("Ada Quill",)})).left == ""
