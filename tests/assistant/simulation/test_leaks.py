"""What gives a title away, and what does not."""

from __future__ import annotations

import pytest

from assistant.simulation.leaks import names


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("it is heat I want", "Heat"),
        ("the one called matrix", "Matrix, The (1999)"),
        ("something like amelie", "Amélie"),
        ("any lord of the rings?", "The Lord of the Rings: The Two Towers"),
        ("two towers please", "The Lord of the Rings: The Two Towers"),
        ("golden eye", "GoldenEye"),
        ("star wars", "Star Wars: Episode IV - A New Hope"),
        ("a film with it", "It"),
    ],
)
def test_a_title_is_named_whole_or_in_part(text: str, title: str) -> None:
    assert names(text, title)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("a heated argument", "Heat"),
        ("the first of the two", "The Lord of the Rings: The Two Towers"),
        ("a drama from the 90s", "Se7en (1995)"),
        ("something with an eye for gold", "GoldenEye"),
        ("anything", ""),
    ],
)
def test_words_that_merely_resemble_it_name_nothing(text: str, title: str) -> None:
    assert not names(text, title)
