"""Hard constraints as values.

``matches(filter, item)`` is the meaning. :class:`retrieval.columns.Columns` answers the same
question for a whole catalogue at once; a property test holds the two together.

A missing value never satisfies :class:`Has` or :class:`Within`, and :class:`Known` says whether
there is one. Negation is logical, so ``Not(Has(...))`` holds for an item that lacks the field ("no
horror" keeps films without a genre).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.types import Fields, Item, ItemId, Value


@dataclass(frozen=True, slots=True)
class Has:
    """The field holds one of ``values``. Text is compared folded; a field may hold more."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The number lies between the bounds. ``None`` leaves a side open, ``strict`` excludes both."""

    field: str
    low: float | None = None
    high: float | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Says:
    """The title, text or facets contain one of these words or phrases, folded, at word starts."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The field holds something: at least one value, and as a number not NaN."""

    field: str


@dataclass(frozen=True, slots=True)
class Among:
    """The item is one of these."""

    ids: frozenset[ItemId]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Filter


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds. No parts: everything matches."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds. No parts: nothing matches."""

    parts: tuple[Filter, ...] = ()


Filter = Has | Within | Says | Known | Among | Not | AllOf | AnyOf


_GAPS = re.compile(r"[\W_]+")  # what str.isalnum() says no to


def fold(text: str) -> str:
    """Lower case, accents removed, white space joined: the form in which words are compared."""
    if text.isascii():  # nothing to take apart, and most text is
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def texts(value: Value) -> tuple[str, ...]:
    """A value as the folded strings it is compared by; booleans read ``true`` and ``false``."""
    if isinstance(value, tuple):
        return tuple(fold(v) for v in value)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, float) and value.is_integer():
        return (str(int(value)),)
    return (fold(str(value)),)


_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def number(value: Value | None) -> float | None:
    """A value as a number, or None when it is not one (booleans and text are not).

    A date, ISO 8601, is its year with the part of the year that is over: 2024-07-01 is 2024.5 and
    a little, so dates are compared with years and with one another.
    """
    if isinstance(value, str) and (day := _DATE.match(value)):
        year, month, date = (int(part) for part in day.groups())
        return year + ((month - 1) * 31 + date - 1) / 372
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf if value > 0 else -math.inf


def date_of(x: float) -> str:
    """The date, ISO 8601, that :func:`number` reads as ``x``."""
    year = int(x)
    month, day = divmod(round((x - year) * 372), 31)
    return f"{year:04d}-{month + 1:02d}-{day + 1:02d}"


def words_of(item: Item) -> str:
    """Everything an item says, folded into one line with ``' '`` at both ends (for Says)."""
    parts: list[str] = [item.title, item.text]
    for value in item.fields.values():
        if isinstance(value, tuple):
            parts.extend(value)
        elif isinstance(value, str):
            parts.append(value)
    return " " + _GAPS.sub(" ", fold(" ".join(parts))).strip() + " "


def phrase(word: str) -> str:
    """A word or phrase as Says looks for it: folded, with a leading space, open at the end."""
    return " " + _GAPS.sub(" ", fold(word)).strip()


def known(value: Value | None) -> bool:
    """Whether a value is there: not missing, not an empty tuple, not NaN."""
    return value is not None and value != () and value == value


def _within(fields: Fields, f: Within) -> bool:
    x = number(fields.get(f.field))
    if x is None or x != x:
        return False
    if f.strict:
        return (f.low is None or x > f.low) and (f.high is None or x < f.high)
    return (f.low is None or x >= f.low) and (f.high is None or x <= f.high)


def matches(f: Filter | None, item: Item) -> bool:
    """Whether the item satisfies the filter. ``None`` is no constraint and matches everything."""
    if f is None:
        return True
    if isinstance(f, Has):
        held = item.fields.get(f.field)
        return held is not None and not {fold(v) for v in f.values}.isdisjoint(texts(held))
    if isinstance(f, Within):
        return _within(item.fields, f)
    if isinstance(f, Says):
        said = words_of(item)
        return any(phrase(w) in said for w in f.words if phrase(w).strip())
    if isinstance(f, Known):
        return known(item.fields.get(f.field))
    if isinstance(f, Among):
        return item.id in f.ids
    if isinstance(f, Not):
        return not matches(f.part, item)
    if isinstance(f, AllOf):
        return all(matches(p, item) for p in f.parts)
    return any(matches(p, item) for p in f.parts)


def all_of(parts: Iterable[Filter]) -> Filter | None:
    """The conjunction of the parts; None when there are none, the part itself when there is one."""
    kept = tuple(parts)
    return None if not kept else kept[0] if len(kept) == 1 else AllOf(kept)
