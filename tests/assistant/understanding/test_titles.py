"""Titles in messages: found when something says that a title is meant, and only then."""

from __future__ import annotations

import pytest

from assistant.types import Range
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema
from tests.assistant.understanding.worlds import film_engine, plant_engine

read = film_engine.read


@pytest.mark.parametrize(
    "text",
    [
        "something like The Copper Lantern",
        "something like copper lantern",
        "like teh coper lantern pls",
        "I loved the copper lantern",
        'in the vein of "The Copper Lantern"',
    ],
)
def test_a_title_is_liked_however_it_is_written(text: str) -> None:
    assert read(text).liked == ("f1",)


def test_a_misspelt_rare_word_still_finds_its_title() -> None:
    assert read("similar to gravelskimer but older").liked == ("f5",)


def test_common_words_are_no_titles_without_a_cue() -> None:
    assert read("a film for her, she likes the heat of summer").liked == ()
    assert read("her favourite kind is comedy").liked == ()


def test_short_titles_are_found_with_a_cue_or_capitals() -> None:
    assert read("like Heat but newer").liked == ("f3",)
    assert read("I have seen Her already").seen == ("f4",)


def test_a_year_in_brackets_picks_the_version() -> None:
    assert read("like Mudlark Island (the 2004 one)").liked == ("f8",)
    assert read("like Mudlark Island (1971)").liked == ("f7",)


def test_versions_alike_are_offered_as_unclear() -> None:
    reading = read("something like Mudlark Island")
    assert reading.liked == ("f7",)
    assert reading.unclear == ("f7", "f8")


def test_a_list_of_titles_shares_its_verb() -> None:
    assert read("already seen Heat, Her and Glass Harbour").seen == ("f3", "f4", "f10")


def test_seen_and_hated_and_refused_titles_are_told_apart() -> None:
    assert read("I hated Heat. Something else?").disliked == ("f3",)
    assert read("not Heat, not Her, but a comedy").disliked == ("f3", "f4")
    assert read("have you got Glass Harbour").named == ("f10",)


def test_a_title_without_its_maker_and_its_noun_is_known() -> None:
    assert plant_engine.read("like Tall Ember but cheaper").liked == ("p2",)
    assert plant_engine.read("is the Moon Barrel in stock?").named == ("p7",)


def test_a_year_is_no_title() -> None:
    assert read("horror since 1971").ranges["year"].min == 1971
    assert read("horror since 1971").liked == ()


def test_a_title_is_taken_whole_and_the_rest_of_it_says_nothing() -> None:
    assert plant_engine.read("not Fernley Dusk Pillow, please").exclude == {}
    assert read("not The Copper Lantern").disliked == ("f1",)


def test_a_number_before_the_noun_counts_and_a_function_word_is_no_value() -> None:
    schema = Schema(
        noun="film",
        nouns="films",
        fields=(
            Field(name="id", role="id"),
            Field(name="title", role="title"),
            Field(name="rated", role="facet", label="rated"),
            Field(name="box_office", role="number", label="box office", unit="USD"),
            Field(name="directors", role="facet", kind="person", multi=True, label="directors"),
        ),
    )
    fields = {"rated": "R", "box_office": 2000000, "directors": ("Steve Box",)}
    items = [Item(id=ItemId(t), title=t, fields=fields) for t in ("4", "Copper Lantern")]
    engine = RulesEngine(Vocabulary.build(schema, items))
    assert (engine.read("4 films").count, engine.read("4 films").liked) == (4, ())
    assert engine.read("films that are by Steve Box").include == {"directors": ("Steve Box",)}
    assert engine.read("films rated R").include == {"rated": ("R",)}
    dear = engine.read("films with a box office above $2000000")
    assert dear.include == {}
    assert dear.ranges == {"box_office": Range(min=2000000, over=True)}


def test_a_sort_of_thing_before_its_noun_is_no_title() -> None:
    fields = {"genres": ("Western",)}
    items = [
        Item(id=ItemId(t), title=t, fields=fields) for t in ("Western", "Glass Harbour", "Heat")
    ]
    schema = Schema(
        noun="film",
        nouns="films",
        fields=(
            Field(name="id", role="id"),
            Field(name="title", role="title"),
            Field(name="genres", role="facet", multi=True, label="genres"),
        ),
    )
    engine = RulesEngine(Vocabulary.build(schema, items))
    for text in ("I'm looking for Western films", "can you find me Western films?"):
        assert engine.read(text).include == {"genres": ("Western",)}
        assert engine.read(text).named == ()
    assert engine.read("have you got the Heat film").named == ("Heat",)
    assert engine.read("a heat western").liked == ()
