"""The words of the page: the same keys and places in every language."""

from __future__ import annotations

import re

import pytest

from ui.words import NAMES, REFERENCE, accepted, words

PLACE = re.compile(r"{(\w+)}")


@pytest.mark.parametrize("language", NAMES)
def test_every_language_says_everything(language: str) -> None:
    found = words(language)
    assert found.language == language
    assert set(found.messages) == set(REFERENCE.messages)
    for key, text in REFERENCE.messages.items():
        assert sorted(PLACE.findall(found.messages[key])) == sorted(PLACE.findall(text)), key
        assert found.messages[key].strip(), key


def test_a_language_that_is_not_there_is_the_reference() -> None:
    assert words("xx") is not None
    assert words("xx").say("page.new") == REFERENCE.say("page.new")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR, fr;q=0.5, es;q=0.7", "es"),
        ("en;q=0.1, zh-CN;q=nonsense, fr;q=0", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_s_first_language_of_ours_is_taken(header: str, language: str) -> None:
    assert accepted(header) == language
