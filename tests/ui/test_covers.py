"""Covers made for items without a picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.values import card
from ui.covers import (
    DEPTH,
    DUOTONES,
    LEADING,
    MEASURE,
    SIZES,
    cover,
    initials,
    lettering,
    width,
)


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("The Long Harbour", "TL"),
        ("heat", "H"),
        ("(500) Days", "5D"),
        ("«Élan» vital", "ÉV"),
        ("...", "·"),
        ("", "·"),
    ],
)
def test_initials_are_those_of_the_first_two_words(title: str, letters: str) -> None:
    assert initials(title) == letters


@given(st.text())
def test_any_title_has_initials(title: str) -> None:
    assert 1 <= len(initials(title)) <= 2


def test_items_of_one_kind_share_a_colour_and_those_of_one_mood_all_but_the_place() -> None:
    kind = ("Crime", "tense")
    one, two = cover(card("a", "Night Ferry", tones=kind)), cover(card("b", "Quiet", tones=kind))
    assert (one.dark, one.light, one.shape) == (two.dark, two.light, two.shape)
    assert (one.angle, one.at) != (two.angle, two.at)
    other = cover(card("c", "Heat", tones=("Crime", "witty")))
    assert other.dark == one.dark


def test_a_cover_is_the_same_every_time_whatever_the_language_and_needs_no_values() -> None:
    assert cover(card(facts=())) == cover(card(facts=()))
    translated = card(facts=(("Genre", "Krimi"),), tones=("Crime",))
    assert cover(translated) == cover(card(facts=(("genre", "Crime"),), tones=("Crime",)))


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Heat", ("Heat",)),
        ("The Usual Suspects", ("The", "Usual", "Suspects")),
        ("千と千尋の神隠し", ("千と千尋", "の神隠し")),
        ("", ("·",)),
    ],
)
def test_a_title_breaks_between_words_into_even_lines(title: str, lines: tuple[str, ...]) -> None:
    assert lettering(title)[1] == lines


def test_a_short_title_is_set_larger_than_a_long_one() -> None:
    long = "The Lord of the Rings: The Fellowship of the Ring"
    assert lettering("Heat")[0] == SIZES[0]
    assert lettering(long)[0] < SIZES[0]
    assert " ".join(lettering(long)[1]) == long


def test_a_word_that_fits_no_line_is_broken_and_a_title_without_end_is_cut() -> None:
    size, lines = lettering("Supercalifragilisticexpialidocious")
    assert "".join(lines) == "Supercalifragilisticexpialidocious"
    assert (size, len(lines) > 1) == (SIZES[-1], True)
    _, lines = lettering("and on " * 60)
    assert lines[-1].endswith("…")


@given(st.text(max_size=300))
def test_every_title_fits_its_cover(title: str) -> None:
    size, lines = lettering(title)
    assert lines
    assert all(line for line in lines)
    assert all(width(line) * size <= MEASURE + 1e-6 for line in lines)
    assert len(lines) * size * LEADING <= DEPTH + 1e-6


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=5))
def test_no_letter_of_a_title_that_fits_is_lost(words: list[str]) -> None:
    title = " ".join(words)
    assert " ".join(lettering(title)[1]) == title


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [dark for dark, _ in DUOTONES])
def test_white_letters_can_be_read_on_every_cover(dark: str) -> None:
    assert 1.05 / (_luminance(dark) + 0.05) >= 4.5  # contrast as WCAG 2.2 defines it
