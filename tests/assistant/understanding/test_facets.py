"""Facet values, flags and people: found by any spelling, wanted or refused by clause."""

from __future__ import annotations

import pytest

from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema
from tests.assistant.understanding.worlds import film_engine, plant_engine, shown

read = film_engine.read
plants = plant_engine.read


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("some thrillers", "Thriller"),
        ("anything scary?", "Horror"),
        ("sci fi please", "Sci-Fi"),
        ("scifi", "Sci-Fi"),
        ("something funny", "Comedy"),
        ("a cartoon", "Animation"),
        ("film noir!!", "Film-Noir"),
        ("a thriler", "Thriller"),
        ("comdey plz", "Comedy"),
    ],
)
def test_a_genre_is_found_by_its_words(text: str, genre: str) -> None:
    assert read(text).include == {"genres": (genre,)}


def test_two_values_are_both_wanted_unless_an_or_parts_them() -> None:
    both = read("a romantic comedy")
    assert set(both.include["genres"]) == {"Romance", "Comedy"}
    assert "genres" in both.every
    either = read("thriller or mystery, I don't mind which")
    assert set(either.include["genres"]) == {"Thriller", "Mystery"}
    assert "genres" not in either.every


@pytest.mark.parametrize(
    ("text", "wanted", "refused"),
    [
        ("comedies, no horror", {"Comedy"}, {"Horror"}),
        ("no drama no romance. crime.", {"Crime"}, {"Drama", "Romance"}),
        ("nothing but comedies", {"Comedy"}, set()),
        ("anything but horror", set(), {"Horror"}),
        ("horror is out, comedy is fine", {"Comedy"}, {"Horror"}),
        ("no horror, drama or romance", set(), {"Horror", "Drama", "Romance"}),
        ("animated but for grown-ups", {"Animation"}, {"Children"}),
        ("I can't stand horror, other than that any comedy", {"Comedy"}, {"Horror"}),
        ("I don't dislike mystery", {"Mystery"}, set()),
        ("a comedy, not too old, crime", {"Comedy", "Crime"}, set()),
        ("crime films w/o romance", {"Crime"}, {"Romance"}),
    ],
)
def test_negation_reaches_as_far_as_its_clause(
    text: str, wanted: set[str], refused: set[str]
) -> None:
    reading = read(text)
    assert set(reading.include.get("genres", ())) == wanted
    assert set(reading.exclude.get("genres", ())) == refused


def test_what_need_not_hold_is_left_open() -> None:
    reading = read("not necessarily a comedy")
    assert "genres" not in reading.include
    assert "genres" not in reading.exclude


def test_a_wanted_keyword_stays_text_and_a_refused_one_excludes() -> None:
    assert read("a film about robots").text == "robots"
    reading = read("horror, nothing gory")
    assert reading.exclude == {"keywords": ("gore",)}
    assert "gore" in reading.without


def test_a_refused_word_that_nothing_holds_is_kept_as_without() -> None:
    assert read("a comedy without trombones").without == ("trombones",)


def test_people_are_found_by_surname_and_put_where_the_cue_says() -> None:
    assert read("gimme a Brandt").include == {"directors": ("Milo Brandt",)}
    assert read("films by Calloway or Venning").include == {
        "directors": ("Ines Calloway", "Orla Venning")
    }
    assert read("something with jo pell").include == {"cast": ("Jo Pell",)}
    assert read("no Ruck please").exclude == {"cast": ("Tam Ruck",)}


def test_the_noun_of_a_kind_stands_for_it() -> None:
    assert plants("a rose").include == {"sort": ("climbing roses",)}
    assert plants("hedge plants or cacti").include == {"sort": ("hedge plants", "cacti")}


def test_flags_are_wanted_by_label_and_refused_by_negation() -> None:
    assert plants("an evergreen hedge plant").include["care.evergreen"] == ("true",)
    assert plants("a cactus without spines").exclude == {"spines": ("true",)}


def test_synonyms_do_nothing_where_the_catalogue_has_no_such_value() -> None:
    reading = plants("something funny and scary")
    assert reading.include == {}
    assert reading.text == "funny scary"


def test_that_nursery_means_the_one_of_the_item_pointed_at() -> None:
    reading = plants("not that nursery again, the second one", shown("p1", "p2", "p4"))
    assert reading.exclude == {"nursery": ("Marlow",)}
    assert reading.reference == (2,)


def test_a_wish_can_be_forgotten() -> None:
    assert read("scrap the romance, go for crime").lifted == {"genres": ("Romance",)}
    reading = plants("forget the price limit")
    assert reading.act == "undo"
    assert reading.lifted == {"cost": ()}


def test_any_but_one_refuses_it() -> None:
    reading = plants("a rose, any nursery but Marlow")
    assert reading.exclude == {"nursery": ("Marlow",)}
    assert reading.include == {"sort": ("climbing roses",)}


def test_a_value_wanted_less_is_not_wanted() -> None:
    assert read("like Heat, less romance").include == {}


def test_a_quality_that_is_not_too_much_turns_no_thing_away() -> None:
    assert not read("not too long comedies").exclude
    assert read("not too long comedies").include == {"genres": ("Comedy",)}


@pytest.mark.parametrize(
    "text", ["show me 5 comedies", "5 comedies please", "find me 5 horror films"]
)
def test_values_said_of_several_things_are_counted(text: str) -> None:
    assert read(text).count == 5


def test_an_initial_ends_no_sentence_and_is_no_short_word() -> None:
    reading = _called("R. Lee Harrow").read("films without R. Lee Harrow")
    assert (reading.exclude, reading.without) == ({"cast": ("R. Lee Harrow",)}, ())


@pytest.mark.parametrize(
    "text",
    [
        'films with Ned "The Anvil" Harrow',
        "films with Ned “The Anvil” Harrow",
        "films with Ned The Anvil Harrow",
        "films with Ned Harrow",
    ],
)
def test_a_nickname_in_quotes_may_be_said_or_left_out(text: str) -> None:
    name = 'Ned "The Anvil" Harrow'
    assert _called(name, "Ann Harrow").read(text).include == {"cast": (name,)}


@pytest.mark.parametrize("text", ["nothing with Zeb Quillfeather", 'with Zeb "Zed" Quillfeather'])
def test_another_first_name_is_another_person(text: str) -> None:
    reading = _called("Orla Quillfeather").read(text)
    assert (reading.include, reading.exclude) == ({}, {})


def test_a_first_name_misspelt_is_the_same_person() -> None:
    reading = _called("Stefan Quillfeather").read("films with Stephen Quillfeather")
    assert reading.include == {"cast": ("Stefan Quillfeather",)}


@pytest.mark.parametrize("text", ["More Quillfeather please", "some more Quillfeather"])
def test_more_of_a_person_wants_the_person(text: str) -> None:
    reading = _called("Orla Quillfeather").read(text)
    assert (reading.include, reading.relative) == ({"cast": ("Orla Quillfeather",)}, ())


@pytest.mark.parametrize("text", ["something feel-good", "a feel-good film"])
def test_words_tied_by_a_hyphen_say_something_together(text: str) -> None:
    reading = read(text)
    assert (reading.act, reading.text) == ("recommend", "feel good")


def test_a_quality_taken_back_is_not_asked_for_again() -> None:
    reading = plants("forget about cheap, something edible")
    assert (reading.relative, reading.lifted, reading.text) == ((), {"": ("cheap",)}, None)


RATED = Schema(
    noun="film",
    nouns="films",
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="age_rating", role="facet", label="age rating"),
        Field(name="critic_score", role="number", kind="rating", label="critics' score", unit="%"),
    ),
)
rated = RulesEngine(
    Vocabulary.build(
        RATED,
        [
            Item(
                id=ItemId(f"f{n}"),
                title=title,
                fields={"age_rating": "R" if n % 2 else "PG", "critic_score": 40 + n},
            )
            for n, title in enumerate(("Copper Lantern", "Owl Season", "Tin Harbour", "Saltbox"))
        ],
    )
).read


@pytest.mark.parametrize(
    "text", ["nothing rated r", "whose age rating is not r", "not R, please", "no r-rated films"]
)
def test_a_letter_is_a_value_where_values_are_said(text: str) -> None:
    assert rated(text).exclude == {"age_rating": ("R",)}


def test_a_letter_is_a_value_behind_with() -> None:
    assert rated("films with r as age rating").include == {"age_rating": ("R",)}


def test_a_letter_that_holds_sentences_together_is_a_value_behind_but() -> None:
    made = Item(id=ItemId("m"), title="Ferrymen", fields={"age_rating": "M"})
    plain = Item(id=ItemId("g"), title="Saltbox", fields={"age_rating": "PG"})
    engine = RulesEngine(Vocabulary.build(RATED, [made, plain]))
    assert engine.read("anything but m").exclude == {"age_rating": ("M",)}
    assert not engine.read("i m after something").include


def test_a_letter_is_shorthand_elsewhere() -> None:
    reading = rated("what r the best films")
    assert (reading.include, reading.exclude) == ({}, {})


def test_the_possessive_of_several_is_the_same_word() -> None:
    assert rated("any critics' score is fine now").lifted == {"critic_score": ()}
    assert rated("critics’ score over 41").ranges


def _called(*names: str) -> RulesEngine:
    """An engine over six films in which people of these names play."""
    schema = Schema(
        noun="film",
        nouns="films",
        fields=(
            Field(name="id", role="id"),
            Field(name="title", role="title"),
            Field(name="cast", role="facet", kind="person", multi=True, label="cast"),
        ),
    )
    titles = ("Copper Lantern", "Gravelskimmer", "Owl Season", "Tin Harbour", "Ferrymen", "Saltbox")
    films = [Item(id=ItemId(t), title=t, fields={"cast": names}) for t in titles]
    return RulesEngine(Vocabulary.build(schema, films))


STUDIOS = Schema(
    noun="film",
    nouns="films",
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="genres", role="facet", multi=True, label="genre"),
        Field(name="directors", role="facet", kind="person", multi=True, label="director"),
        Field(name="studios", role="facet", multi=True, label="studio"),
    ),
)


def _studio(n: int) -> str:
    return ("Les Films du Pont", "Harlow Bros. Pictures")[n % 2] if n < 4 else f"studio {n // 2}"


studios = RulesEngine(
    Vocabulary.build(
        STUDIOS,
        [
            Item(
                id=ItemId(f"f{n}"),
                title=f"Saltbox {n}",
                fields={
                    "genres": ("Drama",),
                    "directors": ("Deborah Harlow",),
                    "studios": (_studio(n),),
                },
            )
            for n in range(800)
        ],
    )
).read


@pytest.mark.parametrize("text", ["show me Les Films du Pont", "Les Films du Pont"])
def test_a_free_value_that_stands_as_a_name_is_meant_and_no_language(text: str) -> None:
    reading = studios(text)
    assert (reading.include, reading.language) == ({"studios": ("Les Films du Pont",)}, "en")


def test_a_free_value_in_small_letters_is_a_word_among_others() -> None:
    assert studios("some studio 17 thing").include == {}


def test_a_surname_that_goes_on_as_something_else_is_nobodys() -> None:
    assert studios("something by Harlow Bros.").include == {}
    assert studios("something by Harlow").include == {"directors": ("Deborah Harlow",)}
