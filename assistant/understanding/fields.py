"""Number, date and availability fields as people speak of them: words, units, spans of values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.lexicon import Lexicon
from assistant.understanding.tokens import words as folded_words
from retrieval.filters import number
from retrieval.types import Field, Item, Kind, Schema

_BOUND = re.compile(r"^(?:(min|max)_(.+)|(.+)_(min|max))$")
_PART = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The least and the greatest value seen; ``count`` items have one."""

    low: float
    high: float
    count: int

    def holds(self, x: float, slack: float = 0.25) -> bool:
        """Whether a value is plausible: inside the span, widened on both sides by ``slack``."""
        return self.low * (1 - slack) <= x <= self.high * (1 + slack)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField:
    """One number field: the singular words it is known by, its unit in the lexicon's spelling."""

    field: Field
    words: frozenset[str]
    unit: str
    span: Span

    @property
    def name(self) -> str:
        """The dotted name of the field."""
        return self.field.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two number fields that bound one quantity: the least and the greatest number of players."""

    low: str
    high: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFields:
    """All number fields of a catalogue, in catalogue order, and what they can be found by.

    ``latest`` is the last year that a date of the catalogue falls in; 0 without dates.
    """

    fields: tuple[NumberField, ...] = ()
    pairs: tuple[Pair, ...] = ()
    least: tuple[str, ...] = ()
    dates: tuple[Field, ...] = ()
    latest: int = 0
    availability: Field | None = None

    def get(self, name: str) -> NumberField | None:
        """The number field of that name, or None."""
        return next((f for f in self.fields if f.name == name), None)

    def of_kind(self, kind: Kind) -> tuple[NumberField, ...]:
        """Fields of a kind; the catalogue's own before those derived from events."""
        found = [f for f in self.fields if f.field.kind == kind]
        return tuple(sorted(found, key=lambda f: f.field.derived))

    def with_word(self, word: str) -> tuple[NumberField, ...]:
        """Fields whose label or name holds a (singular) word."""
        return tuple(f for f in self.fields if word in f.words)

    def labelled(self, words: Sequence[str]) -> tuple[NumberField, int] | None:
        """The field whose whole label the words begin with, and how many words that is; the longest
        wins. None where they begin with no label."""
        found = [
            (f, len(parts))
            for f in self.fields
            if (parts := folded_words(f.field.label)) and list(words[: len(parts)]) == parts
        ]
        return max(found, key=lambda p: p[1], default=None)

    def with_unit(self, unit: str, lexicon: Lexicon) -> tuple[tuple[NumberField, float], ...]:
        """Fields measured in a unit, or in one it converts to, with the factor; the exact ones
        first.
        """
        exact = [(f, 1.0) for f in self.fields if f.unit == unit]
        into = lexicon.conversions.get(unit, {})
        return (*exact, *((f, into[f.unit]) for f in self.fields if f.unit in into))


JOINING = frozenset({"a", "an", "and", "for", "in", "of", "or", "the", "to"})
"""Words of a label that name nothing: "mood and themes"."""


def label_words(f: Field, lexicon: Lexicon) -> frozenset[str]:
    """The singular words of a field's label and of the last part of its name."""
    parts = [*_PART.split(f.label.casefold()), *_PART.split(f.name.rpartition(".")[2].casefold())]
    return frozenset(lexicon.stem(p) for p in parts if p and p not in JOINING)


def unit_of(f: Field, lexicon: Lexicon) -> str:
    """A field's unit in the lexicon's spelling: from the schema, else the end of its name, else
    ''.
    """
    tail = f.name.rpartition(".")[2].casefold()
    named = () if _BOUND.match(tail) else (tail.rpartition("_")[2], tail)
    for text in (f.unit.casefold(), *named):
        if text in lexicon.unit_names:
            return lexicon.unit_names[text]
    return ""


def spans(names: Sequence[str], items: Iterable[Item]) -> dict[str, Span]:
    """The span of each field over the items; fields without any number are left out."""
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    count: dict[str, int] = {}
    for item in items:
        for name in names:
            x = number(item.fields.get(name))
            if x is None or x != x:
                continue
            count[name] = count.get(name, 0) + 1
            if name not in low or x < low[name]:
                low[name] = x
            if name not in high or x > high[name]:
                high[name] = x
    return {n: Span(low=low[n], high=high[n], count=count[n]) for n in count}


def number_fields(schema: Schema, items: Sequence[Item], lexicon: Lexicon) -> NumberFields:
    """Read the number fields off a schema and its items. Fields that no item fills are kept."""
    numbers = schema.by_role("number")
    seen = spans([f.name for f in numbers], items)
    nothing = Span(low=0.0, high=0.0, count=0)
    fields = tuple(
        NumberField(
            field=f,
            words=label_words(f, lexicon),
            unit=unit_of(f, lexicon) if f.kind == "plain" else "",
            span=seen.get(f.name, nothing),
        )
        for f in numbers
    )
    stock = schema.by_role("availability")
    days = spans([f.name for f in schema.by_role("date")], items)
    pairs, least = _pairs(fields, lexicon)
    return NumberFields(
        fields=fields,
        pairs=pairs,
        least=least,
        dates=schema.by_role("date"),
        latest=int(max((s.high for s in days.values()), default=0)),
        availability=stock[0] if stock else None,
    )


def _pairs(
    fields: Iterable[NumberField], lexicon: Lexicon
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """Fields named as the two ends of one quantity, and those named as a least value alone."""
    ends: dict[str, dict[str, str]] = {}
    for f in fields:
        tail = f.name.rpartition(".")[2].casefold()
        match = _BOUND.match(tail)
        if match:
            side, base = (match[1], match[2]) if match[1] else (match[4], match[3])
            ends.setdefault(base, {})[side] = f.name
    pairs = tuple(
        Pair(low=e["min"], high=e["max"], words=_base_words(base, lexicon))
        for base, e in ends.items()
        if len(e) == 2
    )
    return pairs, tuple(e["min"] for e in ends.values() if set(e) == {"min"})


def _base_words(base: str, lexicon: Lexicon) -> frozenset[str]:
    return frozenset(lexicon.stem(p) for p in base.split("_") if p)


def kind_of_thing(
    schema: Schema, items: Sequence[Item], share: float = 0.2
) -> tuple[str | None, Mapping[str, frozenset[str]]]:
    """The facet that says what an item is, and for each of its values the fields such things have.

    It tells that laptops have memory and candles do not. It is a single-valued facet that nearly
    every item has, with 2 to 60 values that differ in their fields (a field counts when at least
    ``share`` of the items have it). Brands of one trade share their fields too, so the facet with
    the fewest values wins. That wines from one place lack a field that all others have makes
    places no kinds of wine: most values must have fields of their own. ``(None, {})`` for a
    catalogue of one kind.
    """
    found: dict[str, Mapping[str, frozenset[str]]] = {}
    for f in schema.by_role("facet"):
        if f.multi or f.kind != "plain":
            continue
        held, covered = _held(f.name, items, share)
        if 2 <= len(held) <= 60 and covered >= 0.95 * len(items) and _of_kinds(held.values()):
            found[f.name] = held
    best = min(found, key=lambda n: len(found[n]), default=None)
    return best, found[best] if best is not None else {}


def _of_kinds(held: Collection[frozenset[str]]) -> bool:
    """Whether values with these fields are kinds: half of them differ from all others or nearly
    so, and three quarters have fields that others lack."""
    everywhere = frozenset.intersection(*held)
    own = sum(bool(fields - everywhere) for fields in held)
    return len(set(held)) >= max(2, 0.5 * len(held)) and own >= 0.75 * len(held)


def _held(
    name: str, items: Iterable[Item], share: float
) -> tuple[Mapping[str, frozenset[str]], int]:
    totals: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {}
    for item in items:
        value = item.fields.get(name)
        if not isinstance(value, str):
            continue
        totals[value] = totals.get(value, 0) + 1
        if len(totals) > 60:
            return {}, 0
        own = counts.setdefault(value, {})
        for field in item.fields:
            own[field] = own.get(field, 0) + 1
    held = {
        value: frozenset(n for n, c in own.items() if c >= share * totals[value])
        for value, own in counts.items()
    }
    return held, sum(totals.values())
