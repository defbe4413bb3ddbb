"""Covers made for items without a picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.values import card
from ui.covers import DUOTONES, cover, initials


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


def test_items_of_one_kind_share_a_colour_and_those_by_one_hand_both() -> None:
    one, two = cover(card("a", "Night Ferry")), cover(card("b", "Quiet Rooms"))
    assert (one.dark, one.light) == (two.dark, two.light)
    assert one.angle != two.angle
    other = cover(card("c", "Heat", facts=(("genre", "Crime, Drama"), ("director", "Sol Venn"))))
    assert other.dark == one.dark


def test_a_cover_is_the_same_every_time_and_needs_no_facts() -> None:
    assert cover(card(facts=())) == cover(card(facts=()))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [dark for dark, _ in DUOTONES])
def test_white_initials_can_be_read_on_every_cover(dark: str) -> None:
    assert 1.05 / (_luminance(dark) + 0.05) >= 4.5  # contrast as WCAG 2.2 defines it
