"""The same film is found in two lists, and nothing else is."""

from __future__ import annotations

import csv
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.datasets import demo
from retrieval.datasets.titles import Film, clean, join, key, keys
from tests.shared import shared_path


def film(name: str, title: str, year: int | None, *genres: str) -> Film:
    return Film(id=name, title=title, year=year, genres=frozenset(genres))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Matrix, The", "The Matrix"),
        ("Misérables, Les", "Les Miserables"),
        ("Avventura, L'", "L'avventura"),
        ("Rocky II", "Rocky 2"),
        ("Godfather: Part II, The", "The Godfather Part II"),
        ("Thelma & Louise", "Thelma and Louise"),
        ("Kramer vs. Kramer", "Kramer versus Kramer"),
        ("Kill Bill: Vol. 1", "Kill Bill: Volume 1"),
        ("Three Colors: Red", "Three Colours: Red"),
        ("E.T. the Extra-Terrestrial", "ET the Extra Terrestrial"),
        ("20,000 Leagues Under the Sea", "20000 Leagues under the Sea"),
        ("Schindler’s List", "Schindler's List"),
        ("Aeon Flux", "Æon Flux"),
    ],
)
def test_two_spellings_of_one_title_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alien", "Aliens"), ("Rocky", "Rocky II"), ("Toy Story 2", "Toy Story 3"), ("A", "The")],
)
def test_two_titles_have_two_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_names_in_brackets_are_keys_of_the_second_grade() -> None:
    found = keys("Amelie (Fabuleux destin d'Amélie Poulain, Le)")
    assert key("Amelie") in found.plain
    assert key("Le fabuleux destin d'Amélie Poulain") in found.also
    assert key("Se7en") in keys("Seven (a.k.a. Se7en)").also


def test_a_title_that_begins_with_brackets_keeps_them() -> None:
    assert keys("(500) Days of Summer").plain >= {key("500 Days of Summer")}


def test_what_tells_two_articles_of_an_encyclopaedia_apart_is_no_part_of_the_title() -> None:
    assert clean("Faust (2011 film)") == "Faust"
    assert clean("Godspell (film)") == "Godspell"
    assert clean("Frontier(s)") == "Frontier(s)"


def test_the_same_year_wins_over_the_year_beside_it() -> None:
    left = [film("l", "Heat", 1995)]
    assert join(left, [film("a", "Heat", 1996), film("b", "Heat", 1995)]) == {"l": "b"}


def test_a_year_that_is_off_by_one_still_joins_and_off_by_two_does_not() -> None:
    right = [film("r", "Departures", 2008, "drama")]
    assert join([film("l", "Departures", 2009, "drama")], right) == {"l": "r"}
    assert join([film("l", "Departures", 2010, "drama")], right) == {}


def test_of_two_films_that_fit_the_one_with_the_same_genres_is_taken() -> None:
    right = [film("a", "Aftermath", 2012, "drama", "war"), film("b", "Aftermath", 2012, "comedy")]
    assert join([film("l", "Aftermath", 2012, "comedy")], right) == {"l": "b"}
    assert join([film("l", "Aftermath", 2012, "horror")], right) == {}


def test_a_subtitle_never_meets_a_subtitle() -> None:
    left = [film("l", "Ginger Snaps Back: The Beginning", 2004, "horror")]
    assert join(left, [film("r", "Exorcist: The Beginning", 2004, "horror")]) == {}


def test_a_film_without_a_year_is_not_joined() -> None:
    assert join([film("l", "Heat", None)], [film("r", "Heat", 1995)]) == {}


titles = st.sampled_from(["Heat", "Heat, The", "Heat II", "Ice (Heat)", "Ice: Heat", "Ice"])
sides = st.lists(st.tuples(titles, st.integers(1994, 1996)), max_size=8)


@given(sides, sides, st.randoms(use_true_random=False))
def test_the_join_is_one_to_one_and_does_not_depend_on_the_order(
    one: list[tuple[str, int]], other: list[tuple[str, int]], rng: random.Random
) -> None:
    left = [film(f"l{i}", title, year, "g") for i, (title, year) in enumerate(one)]
    right = [film(f"r{i}", title, year, "g") for i, (title, year) in enumerate(other)]
    joined = join(left, right)
    assert len(set(joined.values())) == len(joined)
    rng.shuffle(left)
    rng.shuffle(right)
    assert join(left, right) == joined


@given(st.text())
def test_any_text_has_keys_and_a_key_is_stable(text: str) -> None:
    found = keys(text)
    assert not found.plain & found.also
    assert not (found.plain | found.also) & (found.head | found.tail)
    assert key(key(text)) == key(key(key(text)))


def test_the_join_agrees_with_the_published_links() -> None:
    """Movie ids are the same in all MovieLens releases, so a later one's links are a referee."""
    with shared_path("data", "films", "ml-latest-small", "links.csv").open() as file:
        links = {row["movieId"]: f"tt{row['imdbId']}" for row in csv.DictReader(file)}
    catalogue = demo.films()
    held = {row["id"] for row in catalogue}
    joined = demo.match(catalogue, demo.ratings())
    judged = [movie for movie in joined if movie in links]
    wrong = [movie for movie in judged if links[movie] != joined[movie]]
    reachable = [movie for movie in links if links[movie] in held]
    missed = [movie for movie in reachable if movie in judged and movie not in joined]
    assert len(judged) > 6000
    assert len(wrong) / len(judged) < 0.003
    assert not missed
