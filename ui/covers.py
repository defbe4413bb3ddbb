"""A cover for an item that has no picture: two colours, an angle and initials.

The colours come from the item's first two facts, so that things of one kind look related and things
by the same hand more so; the angle comes from the title, so that neighbours still differ. The same
item has the same cover everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from assistant.types import Card

DUOTONES = (
    ("#7a4a3a", "#c98b62"),
    ("#2f4858", "#6f9aa3"),
    ("#4a5240", "#9fab7c"),
    ("#5b3e56", "#b0849c"),
    ("#33415e", "#8595c2"),
    ("#6d5a2f", "#c9ad66"),
    ("#2c5049", "#77ab9a"),
    ("#6b3340", "#c47f80"),
    ("#3d3a4f", "#8c88a8"),
    ("#544534", "#b39a7d"),
    ("#28464f", "#8fb0a2"),
    ("#5a3b2c", "#bd8f86"),
)
"""Muted colours (dark, light) that mix freely; white has a contrast of 4.5 on each dark one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a generated cover is made of. ``angle`` is in degrees, in [100, 220)."""

    dark: str
    light: str
    angle: int
    initials: str


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def initials(title: str) -> str:
    """At most two letters for a title: those its first two words begin with, upper case.

    Leading punctuation is passed over; a title without a letter or digit gives a middle dot.
    """
    letters = []
    for word in title.split():
        first = next((c for c in word if c.isalnum()), "")
        if first:
            letters.append(first.upper()[:1])
        if len(letters) == 2:
            break
    return "".join(letters) or "·"


def cover(card: Card) -> Cover:
    """The generated cover of a card; one without facts is coloured by its title."""
    first, second = [*(value for _, value in card.facts[:2]), card.title, card.title][:2]
    dark, _ = DUOTONES[_digest(first) % len(DUOTONES)]
    _, light = DUOTONES[_digest(second) % len(DUOTONES)]
    angle = 100 + _digest(card.title) % 120
    return Cover(dark=dark, light=light, angle=angle, initials=initials(card.title))
