"""How far a wish reaches, whose taste it is, and orders about what is remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.assistant.understanding.worlds import film_engine, plant_engine, shown

read = film_engine.read
SLATE = shown("f3", "f5", "f6", "f9")
LISTED = replace(SLATE, listed=3)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("never show me horror", "always"),
        ("I never watch horror", "always"),
        ("from now on no horror for me", "always"),
        ("remember that I don't want horror", "always"),
        ("no horror tonight", "request"),
        ("just this once no horror", "request"),
        ("I'm not in the mood for horror", "request"),
        ("no horror in this conversation", "session"),
        ("no horror", None),
        ("a comedy I have never seen", None),
    ],
)
def test_scope(text: str, scope: str | None) -> None:
    assert read(text, SLATE).scope == scope


@pytest.mark.parametrize("text", ["I hate horror", "we can't stand horror", "not a fan of horror"])
def test_an_aversion_is_told_from_a_limit(text: str) -> None:
    assert read(text, SLATE).averse == {"genres": ("Horror",)}
    assert read("no horror please", SLATE).averse == {}
    assert read("I hate horror, but not tonight", SLATE).averse == {}


@pytest.mark.parametrize(
    "text", ["my son hates horror", "something for my wife, she loves horror", "he hates horror"]
)
def test_somebody_elses_taste_is_not_ones_own(text: str) -> None:
    assert not read(text, SLATE).own
    assert read("I hate horror", SLATE).own


def test_a_judgement_is_told_from_an_example() -> None:
    assert read("I loved Heat").felt == {"f3"}
    assert read("something like Heat").felt == frozenset()
    assert read("I hated the second", SLATE).felt == {SLATE.slate[1]}
    assert read("not the second", SLATE).felt == frozenset()


@pytest.mark.parametrize(
    ("text", "order", "reference"),
    [
        ("forget the second", "forget", (2,)),
        ("delete number 3", "forget", (3,)),
        ("drop the first one", "forget", (1,)),
        ("forget that I hate horror", "forget", ()),
        ("forget everything you know about me", "forget_all", ()),
        ("delete my profile", "forget_all", ()),
        ("pin number 2", "pin", (2,)),
        ("unpin the first", "unpin", (1,)),
        ("change number 1 to no westerns", "edit", (1,)),
        ("stop remembering things", "pause", ()),
        ("don't remember this", "pause", ()),
        ("you can remember again", "resume", ()),
    ],
)
def test_orders_right_after_the_notes_were_listed(
    text: str, order: str, reference: tuple[int, ...]
) -> None:
    reading = read(text, LISTED)
    assert (reading.act, reading.memory, reading.reference) == ("profile", order, reference)


def test_what_is_to_be_forgotten_is_not_wished_for() -> None:
    reading = read("forget that I hate horror", SLATE)
    assert reading.lifted == {"genres": ("Horror",)}
    assert not (reading.include)
    assert not (reading.exclude)


@pytest.mark.parametrize(
    "text", ["forget the second", "forget the horror", "start over", "change the decade to the 80s"]
)
def test_without_a_list_of_notes_such_words_are_about_the_request(text: str) -> None:
    assert not read(text, SLATE).memory


@pytest.mark.parametrize("text", ["horror is fine", "horror is okay again", "horror is allowed"])
def test_what_is_allowed_is_welcome_and_no_demand(text: str) -> None:
    reading = read(text, SLATE)
    assert not reading.exclude
    assert reading.include == reading.fond == reading.lifted == {"genres": ("Horror",)}


@pytest.mark.parametrize("text", ["horror is fine", "horror would be okay"])
def test_what_is_fine_as_an_answer_is_asked_for(text: str) -> None:
    answer = read(text, replace(SLATE, asked="What genre would you like?"))
    assert answer.include == {"genres": ("Horror",)}
    assert not answer.fond


@pytest.mark.parametrize(
    "text", ["the year does not matter", "drop the year limit", "I don't care about the year"]
)
def test_a_field_that_does_not_matter_is_lifted(text: str) -> None:
    assert read(text, SLATE).lifted == {"year": ()}


def test_in_another_domain_too() -> None:
    reading = plant_engine.read("I never spend over 30")
    assert reading.scope == "always"
    assert reading.ranges
