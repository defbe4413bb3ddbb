"""What somebody remembers or merely likes is read as likely, not as demanded."""

from __future__ import annotations

from tests.assistant.understanding.worlds import film_engine

read = film_engine.read

STORY = (
    "I remember a film from the 1990s that I saw as a kid. It was a horror film, I think, about a "
    "man who finds a lantern in a cellar and cannot put it out. His brother does not believe him."
)


def test_a_long_memory_is_a_description() -> None:
    reading = read(STORY)
    assert reading.described
    assert reading.act == "recommend"
    assert reading.ranges["year"].min == 1990
    assert reading.text is not None
    assert "lantern" in reading.text.split()


def test_the_words_of_remembering_are_not_looked_up() -> None:
    told = (read(STORY).text or "").split()
    assert not {"remember", "kid", "film", "think", "was"} & set(told)


def test_a_short_request_that_remembers_is_no_description() -> None:
    assert not read("remember that I never watch horror").described


def test_a_long_list_of_demands_is_no_description() -> None:
    demands = "A horror film made after 1990 with a good cast and a rating over 4 please, " * 2
    assert not read(demands).described


def test_what_is_liked_is_a_taste_and_what_is_asked_for_a_demand() -> None:
    assert read("I love comedies").fond == {"genres": ("Comedy",)}
    assert read("I'm looking for a comedy").fond == {}


def test_a_year_in_brackets_behind_a_name_bounds_nothing() -> None:
    assert read("something like Unheardof Nonesuch (1998)").ranges == {}
    assert read("a comedy (1998)").ranges != {}
