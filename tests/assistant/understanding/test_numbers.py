"""Numbers in messages: which field they bound, and on which side."""

from __future__ import annotations

import pytest

from assistant.types import Range
from tests.assistant.understanding.worlds import film_engine, plant_engine, shown

read = film_engine.read
plants = plant_engine.read


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("horror from the eighties", 1980, 1989),
        ("80s horror", 1980, 1989),
        ("early 90s", 1990, 1993),
        ("the 1940s", 1940, 1949),
        ("from '94", 1994, 1994),
        ("before 1965", None, 1964),
        ("after 1999", 2000, None),
        ("nothing after 1999", None, 1999),
        ("nothing older than 1990", 1990, None),
        ("post-2000", 2001, None),
        ("since 2010", 2010, None),
        ("from 2012 on", 2012, None),
        ("between 1960 and 1975", 1960, 1975),
        ("from the sixties, seventies or eighties", 1960, 1989),
        ("thrillers from 1995", 1995, 1995),
    ],
)
def test_years_and_decades(text: str, low: float | None, high: float | None) -> None:
    assert read(text).ranges["year"] == Range(min=low, max=high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("at most 20 euros", None, 20),
        ("20 euro tops", None, 20),
        ("between 10 and 20 euros", 10, 20),
        ("10-20 eur", 10, 20),
        ("fifteen bucks", None, 15),
        ("no more than €25", None, 25),
        ("I never spend over 30", None, 30),
        ("max 1.2k", None, 1200),
    ],
)
def test_prices(text: str, low: float | None, high: float | None) -> None:
    assert plants(text).ranges == {"cost": Range(min=low, max=high)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("under 20", Range(max=20, under=True)),
        ("cheaper than 20 euros", Range(max=20, under=True)),
        ("over twenty five euros", Range(min=25, over=True)),
        ("more than 10 euros and at most 20 euros", Range(min=10, max=20, over=True)),
        ("nothing over 20 euros", Range(max=20)),
    ],
)
def test_the_number_itself_is_out_where_the_words_say_so(text: str, meant: Range) -> None:
    assert plants(text).ranges == {"cost": meant}


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("up to one and a half metres", 1.5),
        ("at most 2 and a half metres", 2.5),
        ("no more than a metre and a half", 1.5),
        ("up to 1.2 metres", 1.2),
    ],
)
def test_halves(text: str, metres: float) -> None:
    assert plants(text).ranges == {"care.height_cm": Range(max=100 * metres)}


def test_units_choose_the_field_and_are_converted() -> None:
    assert plants("at least 120 cm").ranges == {"care.height_cm": Range(min=120)}
    assert plants("taller than 150 centimetres").ranges == {
        "care.height_cm": Range(min=150, over=True)
    }


def test_stars_and_averages_bound_the_rating() -> None:
    assert read("four stars and up").ranges == {"mean_rating": Range(min=4)}
    assert read("an average of 3.5 or better").ranges == {"mean_rating": Range(min=3.5)}


def test_a_count_of_items_is_no_bound() -> None:
    reading = plants("show me three more")
    assert (reading.count, reading.more, reading.ranges) == (3, True, {})


def test_somebodys_age_is_no_year() -> None:
    assert read("for my 6-year-old").ranges == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("two horror films", 2),
        ("recommend 4 climbing roses", 4),
        ("just 2 of them", 2),
        ("only one of them", 1),
        ("three other ones, please", 3),
        ("one film for the two of us", None),
        ("I have seen two horror films", None),
        ("at least 3 films", None),
    ],
)
def test_how_many_are_asked_for(text: str, count: int | None) -> None:
    engine = plant_engine if "roses" in text else film_engine
    shown_before = shown("f1", "f3", "f5")
    assert engine.read(text, shown_before).count == count
    assert engine.read(text, shown_before).reference == ()


def test_from_a_year_or_earlier_ends_with_it() -> None:
    assert read("from 1990 or earlier").ranges["year"] == Range(max=1990)
    assert read("from 1990 or later").ranges["year"] == Range(min=1990)


def test_the_name_of_a_field_that_is_bounded_is_no_wish_of_its_own() -> None:
    assert plants("roses with a height between 50 and 90 cm").text is None
    assert plants("narrow it down to plants with a height of at most 90 cm").text is None
