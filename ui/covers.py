"""A cover for an item that has no picture: colours and a shape, with the title set on it.

The dark colour comes from the item's sort (a genre, a category), the light one and the shape from
its mood or its next value, so that things of one kind look related and things of one kind and mood
more so; where the shape stands and how it leans comes from the title, so that neighbours still
differ. The same item has the same cover everywhere.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.types import Card
from ui.plain import one_line

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


SHAPES = 6
"""Shapes that the style sheet knows, ``.m0`` and up."""

SIZES = (19.0, 16.5, 14.5, 13.0, 12.0)
"""Sizes of a title, the largest first, in hundredths of the cover's width."""

MEASURE = 84.0
"""What a line may be wide, in the same unit: the rest is margin."""

DEPTH = 78.0
"""What all lines together may be high, in the same unit."""

LEADING = 1.14
"""Height of a line over the size of its letters."""

_NARROW, _WIDE = frozenset("iljtfrI.,:;!'|()[]-’"), frozenset("mwMW@%&—…")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What a generated cover is made of.

    ``angle`` is in degrees, in [100, 220); ``at`` is where the shape stands, in per cent of the
    width; ``shape`` is below :data:`SHAPES`. ``lines`` are the title as it is set, at least one,
    in letters of ``size``, one of :data:`SIZES`; ``initials`` stand for it where there is no room.
    """

    dark: str
    light: str
    angle: int
    at: int
    shape: int
    size: float
    lines: tuple[str, ...]
    initials: str


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest())


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


def width(text: str) -> float:
    """About how wide a text is, in sizes of its letters: on the safe side for a bold serif."""
    return sum(map(_advance, text))


def _advance(letter: str) -> float:
    if letter == " ":
        return 0.28
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in _NARROW:
        return 0.38
    if letter in _WIDE:
        return 1.0
    return 0.76 if letter.isupper() else 0.6


def lettering(title: str) -> tuple[float, tuple[str, ...]]:
    """A title in the largest of :data:`SIZES` in which its words, unbroken, fit the cover, and its
    lines, as even as they can be.

    Where no size does, long words are broken, and what does not fit is cut with an ellipsis.
    """
    parts = list(_parts(one_line(title))) or [("·", False)]
    for size in SIZES:
        most = MEASURE / size
        if max(width(text) for text, _ in parts) > most:
            continue
        lines = _set(parts, most)
        if len(lines) * size * LEADING <= DEPTH:
            return size, _evenly(parts, lines)
    size = SIZES[-1]
    most = MEASURE / size
    lines = _set([piece for part in parts for piece in _broken(part, most)], most)
    room = int(DEPTH / size / LEADING)
    if len(lines) > room:
        last = lines[room - 1]
        while width(last) > most - 1.0:
            last = last[:-1]
        lines = [*lines[: room - 1], last.rstrip(" ,;:.-") + "…"]
    return size, tuple(lines)


def _parts(title: str) -> Iterator[tuple[str, bool]]:
    """What stays on one line, each with whether a space comes before it: words, and the single
    letters of scripts that are written without spaces."""
    for word in title.split(" "):
        spaced, held = True, ""
        for letter in word:
            if unicodedata.east_asian_width(letter) in "WF":
                if held:
                    yield held, spaced
                    spaced, held = False, ""
                yield letter, spaced
                spaced = False
            else:
                held += letter
        if held:
            yield held, spaced


def _broken(part: tuple[str, bool], most: float) -> Iterator[tuple[str, bool]]:
    text, spaced = part
    held = ""
    for letter in text:
        if held and width(held + letter) > most:
            yield held, spaced
            spaced, held = False, ""
        held += letter
    yield held, spaced


def _set(parts: list[tuple[str, bool]], most: float) -> list[str]:
    """Lines filled one after another."""
    lines: list[str] = []
    for text, spaced in parts:
        joined = f"{lines[-1]}{' ' if spaced else ''}{text}" if lines else text
        if lines and width(joined) <= most:
            lines[-1] = joined
        else:
            lines = [*lines, text]
    return lines


def _evenly(parts: list[tuple[str, bool]], lines: list[str]) -> tuple[str, ...]:
    """As many lines as given, the longest of them as short as can be."""
    even = lines
    while (narrower := max(width(line) for line in even) - 0.01) > 0:
        tried = _set(parts, narrower)
        if len(tried) > len(lines) or max(width(line) for line in tried) > narrower:
            break
        even = tried
    return tuple(even)


def cover(card: Card) -> Cover:
    """The generated cover of a card; one without values to go by is coloured by its title."""
    first, second = [*card.tones[:2], card.title, card.title][:2]
    dark, _ = DUOTONES[_digest(first) % len(DUOTONES)]
    mood, own = _digest(second), _digest(card.title)
    size, lines = lettering(card.title)
    return Cover(
        dark=dark,
        light=DUOTONES[mood % len(DUOTONES)][1],
        angle=100 + own % 120,
        at=20 + own // 120 % 60,
        shape=mood // len(DUOTONES) % SHAPES,
        size=size,
        lines=lines,
        initials=initials(card.title),
    )
