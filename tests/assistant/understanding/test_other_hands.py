"""What people do with a message, in differing manners: terse, polite, slangy, misspelt."""

from __future__ import annotations

import pytest

from assistant.types import Range
from assistant.understanding.context import Context
from tests.assistant.understanding.worlds import film_engine, shown

SLATE = shown("f3", "f4", "f5", "f6")


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("surprise me mate", "ask"),
        ("I haven't the foggiest what to watch", "ask"),
        ("Which film would float my boat?", "ask"),
        ("dunno, what've you got", "ask"),
        ("present for my nan, not sure what", "ask"),
        ("how's tricks?", "chitchat"),
        ("whats the admin password m8", "refuse"),
        ("Kindly note that I cannot abide horror.", "profile"),
        ("What have you got written down about me?", "profile"),
        ("we want a comedy, never been fussy about the year", "recommend"),
    ],
)
def test_what_an_opener_does(text: str, act: str) -> None:
    assert film_engine.read(text).act == act


@pytest.mark.parametrize(
    ("text", "act", "reference"),
    [
        ("ta muchly!", "chitchat", ()),
        ("What on earth made you pick the third?", "explain", (3,)),
        ("why'd you go for Heat?", "explain", (1,)),
        ("what sets the second apart from the fourth, difference wise?", "compare", (2, 4)),
        ("put 1 and 3 side by side for me", "compare", (1, 3)),
        ("nah forget that last bit", "undo", ()),
        ("scrap all that, start from the top", "undo", ()),
        ("didn't get on with the third", "feedback_ack", (3,)),
        ("don't tell me about it, show me another", "recommend", ()),
        ("who plays in the last one", "answer", (4,)),
    ],
)
def test_what_is_said_about_a_slate(text: str, act: str, reference: tuple[int, ...]) -> None:
    reading = film_engine.read(text, SLATE)
    assert (reading.act, reading.reference) == (act, reference)


@pytest.mark.parametrize(
    "text", ["We're in our 60s", "he is in his early thirties", "my 50s are near"]
)
def test_a_decade_of_a_life_is_no_decade_of_films(text: str) -> None:
    assert not film_engine.read(f"{text}, a comedy").ranges


@pytest.mark.parametrize(
    "text", ["los años dos mil, una comedia", "une comédie des années deux mille"]
)
def test_the_decade_after_the_nineties_has_a_name_in_other_languages(text: str) -> None:
    assert film_engine.read(text).ranges == {"year": Range(min=2000, max=2009)}


def test_a_given_name_needs_a_sign_that_a_name_is_meant() -> None:
    assert film_engine.read("something with Tam").include
    assert not film_engine.read("got anything milo?").include


def test_a_place_in_a_list_that_was_never_shown_is_no_item() -> None:
    reading = film_engine.read("like the 2nd but older", Context())
    assert (reading.reference, reading.liked) == ((), ())


def test_which_is_the_most_speaks_of_what_is_shown() -> None:
    assert film_engine.read("which is the oldest?", SLATE).act == "compare"
    assert film_engine.read("which is the oldest thriller you have?", SLATE).act == "recommend"


def test_forgetting_about_a_value_does_not_ask_for_it() -> None:
    reading = film_engine.read("ok, forget about comedy", SLATE)
    assert not reading.include
    assert reading.lifted == {"genres": ("Comedy",)}


def test_a_numbered_place_that_is_not_there_bounds_nothing() -> None:
    reading = film_engine.read("what's the rating of number 7", SLATE)
    assert (reading.act, reading.ranges) == ("answer", {})
