"""Every language says everything that the reference says, with the same places."""

from __future__ import annotations

import re
import string

import pytest

from assistant.explanation import phrasing
from assistant.explanation.wording import LANGUAGES, REFERENCE, TABLES, wording
from assistant.understanding import glossary
from retrieval.types import Field, Schema

OTHERS = LANGUAGES[1:]
PRICE = Field(name="price", role="number", kind="price", unit="EUR")


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_what_is_read_is_answered() -> None:
    assert glossary.LANGUAGES == LANGUAGES


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_and_none_has_other_places(language: str) -> None:
    words = wording(language)
    assert set(words.messages) == set(REFERENCE.messages)
    for key, text in words.messages.items():
        assert places(text) == places(REFERENCE.messages[key]), key
        assert text.strip(), key


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("table", TABLES)
def test_no_template_is_missing_and_none_has_other_places(language: str, table: str) -> None:
    own, reference = wording(language).tables[table], REFERENCE.tables[table]
    assert set(own) == set(reference)
    for key, text in own.items():
        assert places(text) == places(reference[key]), key


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    words = wording(language)
    plain = {k: re.sub(r"\{\w+\}", "", v) for k, v in words.messages.items()}
    long = {k: words.messages[k] for k, v in plain.items() if len(re.findall(r"\w{3,}", v)) > 1}
    assert all(REFERENCE.messages[k] != v for k, v in long.items())
    assert set(words.labels) == set(wording("es").labels)


@pytest.mark.parametrize(
    ("language", "price", "number"),
    [
        ("en", "€1,234.50", "1,130"),
        ("es", "1.234,50 €", "1.130"),
        ("de", "1.234,50 €", "1.130"),
        ("fr", "1\u202f234,50 €", "1\u202f130"),
        ("zh", "1,234.50欧元", "1,130"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(
    language: str, price: str, number: str
) -> None:
    words = wording(language)
    assert phrasing.money(1234.5, PRICE, {}, words) == price
    assert phrasing.quantity(1130, words) == number
    assert words.plain(phrasing.quantity(1130.25, words)) == "1,130.25"


@pytest.mark.parametrize(
    ("language", "joined"),
    [
        ("en", "a, b and c"),
        ("es", "a, b y c"),
        ("de", "a, b und c"),
        ("fr", "a, b et c"),
        ("zh", "a、b和c"),
    ],
)
def test_lists_end_as_the_language_ends_them(language: str, joined: str) -> None:
    assert wording(language).join(["a", "b", "c"]) == joined
    assert wording(language).join(["a"]) == "a"


def test_one_and_several_are_told_apart_and_unknown_nouns_have_a_plain_one() -> None:
    films = Schema(noun="film", nouns="films", fields=())
    robots = Schema(noun="robot", nouns="robots", fields=())
    assert wording("es").noun(films, 1) == "película"
    assert wording("de").count("found", 1, noun=wording("de").noun(films, 1)) == "Hier ist 1 Film"
    assert wording("fr").noun(robots, 3) == "suggestions"
    assert REFERENCE.noun(robots, 3) == "robots"


def test_a_language_without_a_file_is_answered_in_the_reference() -> None:
    assert wording("xx") == REFERENCE


def test_a_known_reason_is_said_in_the_language() -> None:
    assert wording("de").reason("it took too long") == "es hat zu lange gedauert"
    assert REFERENCE.reason("anything else") == "anything else"
