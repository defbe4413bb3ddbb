"""One demand, and whether an item meets it, read off the item's own fields."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from retrieval.types import Item, Value


@lru_cache(maxsize=1 << 18)
def plain(text: str) -> str:
    """Lower case without accents, white space joined."""
    marks = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in marks if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def said(value: Value | None) -> tuple[str, ...]:
    """What a field holds as plain strings; empty where it holds nothing."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    return (plain(str(value)),)


def amount(value: Value | None) -> float | None:
    """A number, or a date as its year and the part of it that is over; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    parts = value[:10].split("-") if isinstance(value, str) else []
    if len(parts) == 3 and all(p.isdecimal() for p in parts):
        year, month, day = (int(p) for p in parts)
        return year + (month - 1) / 12 + (day - 1) / 372
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What the items shown must meet: any of ``one_of`` and none of ``none_of`` in one of
    ``fields``, and a number between ``least`` and ``most``, above ``above`` and below ``below``.

    An item without the value meets only what it must not have.
    """

    fields: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None

    @property
    def bounds(self) -> bool:
        """Whether it is about a number."""
        return not (self.one_of or self.none_of)

    def met(self, item: Item) -> bool:
        """Whether the item is as demanded."""
        if self.bounds:
            return any(self._within(amount(item.fields.get(f))) for f in self.fields)
        held = {v for f in self.fields for v in said(item.fields.get(f))}
        wanted = {plain(v) for v in self.one_of}
        return (not wanted or bool(wanted & held)) and not held & {plain(v) for v in self.none_of}

    def _within(self, x: float | None) -> bool:
        return (
            x is not None
            and (self.least is None or x >= self.least)
            and (self.most is None or x <= self.most)
            and (self.above is None or x > self.above)
            and (self.below is None or x < self.below)
        )
