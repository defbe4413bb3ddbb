"""A simulated person answers from what they remember, and has their own noise and patience."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assistant.simulation import words
from assistant.simulation.habits import people
from assistant.simulation.knowledge import Catalogue, Fact, remembered, span
from assistant.simulation.leaks import names
from assistant.simulation.person import Answer, Nature, Person, Talk
from retrieval.types import Field, Item, ItemId, Schema, ids

SCHEMA = Schema(
    fields=(
        Field(name="title", role="title"),
        Field(name="genres", role="facet", multi=True),
        Field(name="cast", role="facet", kind="person", multi=True),
        Field(name="year", role="number", kind="year"),
    ),
    noun="film",
    nouns="films",
)


def _film(key: str, title: str, year: int, *genres: str, cast: str = "Ann Lee") -> Item:
    fields = {"genres": genres, "cast": (cast,), "year": year}
    return Item(id=ItemId(key), title=title, text="", fields=fields)


FILMS = (
    _film("t", "Quiet Harbour", 1994, "Drama", "Crime"),
    _film("a", "Loud Harbour", 1995, "Drama", "Crime", cast="Bo Ek"),
    _film("b", "Far Moon", 1962, "Musical", "Romance", cast="Cy Dahl"),
    _film("c", "Near Moon", 2010, "Musical", "Romance", cast="Cy Dahl"),
)
CATALOGUE = Catalogue(SCHEMA, {film.id: film for film in FILMS})
CALM = Nature(noise=0, typos=0, talkative=0, silent=0, turns=8, tolerance=5)
PERSON = Person(
    visitor="simulated-1",
    target=ItemId("t"),
    facts=(Fact("value", "genres", "Crime"), Fact("period", "year", "1990")),
    had=frozenset(),
    later=frozenset(ids(["t", "c"])),
    opening=(),
    nature=CALM,
    known=False,
    seed=(7, 1),
)


def _asked(*chips: str, slate: tuple[str, ...] = ()) -> Answer:
    return Answer(slate=ids(slate), text="What would you like?", chips=chips, asked=True)


def _after(answer: Answer, person: Person = PERSON) -> str:
    talk = Talk(person, CATALOGUE)
    talk.say()
    talk.hear(answer)
    return talk.say()[0]


@pytest.mark.parametrize("seed", range(8))
def test_a_question_is_answered_with_what_fits_the_target(seed: int) -> None:
    person = replace(PERSON, seed=(seed, 1))
    said = _after(_asked("Musical", "Drama", "Romance"), person)
    assert "Drama" in said
    assert "1990s" in _after(_asked("1960s", "1990s", "any time"), person)
    assert "after 1980" in _after(_asked("before 1980", "after 1980"), person)


@pytest.mark.parametrize(
    ("chip", "meant"),
    [
        ("1990s", ("year", 1990, 1999)),
        ("Before 1980", ("year", -math.inf, 1980)),
        ("up to 1990", ("year", -math.inf, 1990)),
        ("from 2001", ("year", 2001, math.inf)),
        ("2000 or later", ("year", 2000, math.inf)),
        ("1980 to 1995", ("year", 1980, 1995)),
        ("from 1991 to 2000", ("year", 1991, 2000)),
        ("from the 1990s", ("year", 1990, 1999)),
        ("1970s or 1980s", ("year", 1970, 1989)),
        ("under €1,200", ("price", -math.inf, 1200)),
        ("from €40 to €79.50", ("price", 40, 79.5)),
        ("Drama", None),
        ("16 GB", None),
    ],
)
def test_a_button_may_name_a_span(chip: str, meant: tuple[str, float, float] | None) -> None:
    assert span(chip) == meant


@pytest.mark.parametrize(("had", "places"), [("o", ("first",)), ("n", ("second",))])
def test_which_of_two_was_meant_is_the_one_they_had(had: str, places: tuple[str, ...]) -> None:
    twins = (_film("o", "Twin", 1950, "Drama"), _film("n", "Twin", 1990, "Drama"))
    catalogue = Catalogue(SCHEMA, {film.id: film for film in (*FILMS, *twins)})
    example = Fact("like", "", "Twin")
    person = replace(PERSON, facts=(example,), opening=(example,), had=frozenset(ids([had])))
    talk = Talk(person, catalogue)
    talk.say()
    text = "Which one do you mean: Twin (1950) or Twin (1990)?"
    talk.hear(Answer(text=text, asked=True, act="ask"))
    assert talk.say()[0] in [
        t.format(nth=nth) for t in people()["answer"]["which"] for nth in places
    ]


def test_noise_gives_a_wrong_answer() -> None:
    noisy = replace(PERSON, nature=replace(CALM, noise=1.0))
    assert "Musical" in _after(_asked("Musical", "Drama"), noisy)


@pytest.mark.parametrize("seed", range(30))
def test_reactions_follow_from_how_the_slate_differs(seed: int) -> None:
    said = _after(Answer(slate=ids(["a", "b", "c"])), replace(PERSON, seed=(seed, 1)))
    table = people()["react"]
    allowed = [t.format(nth=n) for t in table["higher_period"] for n in ("second",)]
    allowed += [t.format(nth=n) for t in table["lower_period"] for n in ("third",)]
    allowed += [t.format(v=v) for t in table["less"] for v in ("musical", "romance")]
    allowed += [t.format(nth="first") for t in table["more"]]
    allowed += [t.format(nth=n) for t in table["reject"] for n in ("second", "third")]
    assert said in [*allowed, *table["others"]]


def test_the_target_ends_it_and_any_later_like_is_noted() -> None:
    talk = Talk(PERSON, CATALOGUE)
    talk.say()
    talk.hear(Answer(slate=ids(["c"])))
    talk.say()
    talk.hear(Answer(slate=ids(["a", "t"])))
    assert (talk.content, talk.found, talk.left) == (1, 2, False)


def test_patience_ends_with_the_turns_and_with_annoyances() -> None:
    hurried = Talk(replace(PERSON, nature=replace(CALM, turns=1)), CATALOGUE)
    hurried.say()
    hurried.hear(Answer(slate=ids(["a"])))
    assert hurried.left
    touchy = Talk(replace(PERSON, nature=replace(CALM, tolerance=2)), CATALOGUE)
    for expected in (False, True):  # twice words without a slate and without a question
        touchy.say()
        touchy.hear(Answer(text="Glad to help.", act="chitchat"))
        assert touchy.left is expected


def test_what_was_turned_away_and_comes_back_is_a_repeat() -> None:
    others = replace(PERSON, nature=replace(CALM, tolerance=9))
    for seed in range(200):
        talk = Talk(replace(others, seed=(seed, 1)), CATALOGUE)
        talk.say()
        talk.hear(Answer(slate=ids(["b", "c"])))
        if talk.say()[0] in people()["react"]["others"]:
            talk.hear(Answer(slate=ids(["c", "a"])))
            assert talk.repeats == 1
            return
    raise AssertionError("nobody asked for others")


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    said = [_after(Answer(slate=ids(["a", "b"])), replace(PERSON, seed=(s, 1))) for s in (3, 3)]
    assert said[0] == said[1]
    assert len({Talk(replace(PERSON, seed=(s, 1)), CATALOGUE).say()[0] for s in range(20)}) > 1


def test_nothing_that_is_remembered_names_the_target() -> None:
    film = Item(
        id=ItemId("x"),
        title="Crime: A Life",
        fields={"genres": ("Crime", "Drama"), "cast": ("Ann Lee",), "year": 1994},
    )
    catalogue = Catalogue(SCHEMA, {**CATALOGUE.items, film.id: film})
    chances = {**people()["knows"], "value": 1, "name": 1, "period": 1}
    for seed in range(10):
        liked = ids(["a", "t"])
        rng = np.random.default_rng(seed)
        facts = remembered(catalogue, film, liked, chances, rng)
        assert {"Drama", "Ann Lee", "1990"} <= {f.value for f in facts}
        assert not any(names(f.value, film.title) for f in facts)


def test_a_slip_of_the_keyboard_changes_one_long_word() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        slipped = words.misspelt("not so much adventure", rng).split(" ")
        assert slipped[:3] == ["not", "so", "much"]
        assert slipped[3] != ""
        assert abs(len(slipped[3]) - len("adventure")) <= 1
    assert words.misspelt("not it", rng) == "not it"
