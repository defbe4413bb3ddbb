"""What can be demanded of a catalogue: its facets, numbers, people and titles, by their own words.

Read off the schema and the items; nothing here knows what the catalogue is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from retrieval.types import Field, Item, Schema
from tests.promises.demands import Demand, amount, plain, said

VALUES = 60
"""Values from which a facet is a vocabulary (keywords) that few know by heart."""

KINDS = 40
"""Values that a facet of kinds of things may have."""

CREDITS = 3.0
"""People an item has in a field, on average, from which they are its cast rather than makers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A facet with few values. ``values`` are spelt as the catalogue spells them and are said of
    nothing else in it; ``flag`` marks one that is true or false."""

    field: Field
    values: tuple[str, ...]

    @property
    def flag(self) -> bool:
        return self.field.kind == "flag"


class Stock:
    """The demandable part of a catalogue. ``kind`` is the facet that says what kind of thing an
    item is: the one on which the other fields depend; None in a catalogue of one kind."""

    def __init__(self, schema: Schema, items: Sequence[Item]) -> None:
        self.schema = schema
        self.items = tuple(i for i in items if not i.retired)
        self._met: dict[Demand, frozenset[int]] = {}

    def meeting(self, demands: Sequence[Demand]) -> list[Item]:
        """The items to be had that meet every demand, in the catalogue's order."""
        left = self._available
        for demand in demands:
            if demand not in self._met:
                rows = (n for n, item in enumerate(self.items) if demand.met(item))
                self._met[demand] = frozenset(rows)
            left = left & self._met[demand]
        return [self.items[n] for n in sorted(left)]

    @cached_property
    def _available(self) -> frozenset[int]:
        return frozenset(n for n, item in enumerate(self.items) if item.available)

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        """The facets with 2 to 60 values."""
        found = []
        for field in self.schema.by_role("facet"):
            held = self._held[field.name]
            if field.kind == "person" or not 2 <= len(held) <= VALUES:
                continue
            short = (v for v in held if len(v.split()) <= 3)  # a sentence is no value to ask for
            own = tuple(v for v in short if field.kind == "flag" or self._once(field, v))
            if own:
                found.append(Facet(field=field, values=own))
        return tuple(found)

    @cached_property
    def kind(self) -> Facet | None:
        """The facet on which the others depend."""
        partial = [
            f.name for f in self.schema.fields if f.role in ("facet", "number") and f.coverage < 0.9
        ]
        depends: Counter[str] = Counter()
        for facet in self.facets:
            field = facet.field
            if field.multi or facet.flag or field.coverage < 0.95 or len(facet.values) > KINDS:
                continue
            groups: dict[str, list[Item]] = {}
            for item in self.items:
                groups.setdefault(str(item.fields.get(field.name)), []).append(item)
            for name in partial:
                shares = [sum(name in i.fields for i in g) / len(g) for g in groups.values()]
                depends[field.name] += all(s <= 0.1 or s >= 0.9 for s in shares)
        best = max(depends, key=lambda name: depends[name], default="")
        return next((f for f in self.facets if f.field.name == best and depends[best]), None)

    @cached_property
    def people(self) -> Mapping[str, str]:
        """Names of people with the one field in which they occur, with at least three items."""
        found: dict[str, str] = {}
        for field in self.schema.by_kind("person"):
            for name, count in self._held[field.name].items():
                words = name.split()
                if (
                    count >= 3
                    and len(words) >= 2
                    and len(words[-1]) > 2
                    and self._once(field, name)
                ):
                    found[name] = field.name
        return found

    @cached_property
    def makers(self) -> frozenset[str]:
        """The fields of people that hold few of them for each item: by whom it is."""
        return frozenset(
            f.name
            for f in self.schema.by_kind("person")
            if self._held[f.name].total() < CREDITS * max(1, self._with[f.name])
        )

    @cached_property
    def numbers(self) -> tuple[Field, ...]:
        """The numbers that people speak of: no counts of events, and of two ratings the
        catalogue's own."""
        own = {f.kind for f in self.schema.fields if not f.derived}
        return tuple(
            f
            for f in self.schema.fields
            if f.role in ("number", "date")
            and f.kind != "popularity"
            and not (f.derived and f.kind in own)
        )

    @cached_property
    def single(self) -> frozenset[str]:
        """The facets that hold one value."""
        return frozenset(f.name for f in self.schema.by_role("facet") if not f.multi)

    @cached_property
    def titled(self) -> tuple[Item, ...]:
        """Items whose title cannot be meant otherwise: of two plain words and more, of which no
        other title is a part and that is no part of another."""
        titles = Counter(plain(i.title) for i in self.items)
        words = Counter(w for t in titles for w in set(t.split()))
        people = {w for name in self.people for w in plain(name).split()}
        found = []
        for item in self.items:
            own = plain(item.title).split()
            clear = (
                len(own) >= 2 and all(w.isalpha() for w in own) and titles[plain(item.title)] == 1
            )
            rare = clear and min(words[w] for w in own) == 1 and not set(own) & people
            if rare and plain(item.title) not in self._where:
                found.append(item)
        return tuple(found)

    @cached_property
    def _held(self) -> dict[str, Counter[str]]:
        return {
            field.name: Counter(
                v for i in self.items for v in set(_spelt(i.fields.get(field.name)))
            )
            for field in self.schema.by_role("facet")
        }

    @cached_property
    def _with(self) -> Counter[str]:
        return Counter(name for i in self.items for name in i.fields)

    @cached_property
    def _where(self) -> Mapping[str, frozenset[str]]:
        """The fields in which a plain value occurs; titles and flags apart."""
        found: dict[str, set[str]] = {}
        for name, held in self._held.items():
            for value in held:
                found.setdefault(plain(value), set()).add(name)
        return {value: frozenset(names) for value, names in found.items()}

    def _once(self, field: Field, value: str) -> bool:
        """Whether a value is said of this field alone; keywords aside, which say what all say."""
        elsewhere = self._where[plain(value)] - {field.name}
        return all(
            len(self._held[name]) > VALUES and name not in self._credits for name in elsewhere
        )

    @cached_property
    def _credits(self) -> frozenset[str]:
        return frozenset(f.name for f in self.schema.by_kind("person"))


def _spelt(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(str(v) for v in value)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return () if value is None else (str(value),)


def spread(items: Sequence[Item], field: str) -> list[float]:
    """The known numbers of a field, ascending."""
    return sorted(x for i in items if (x := amount(i.fields.get(field))) is not None)


def values(items: Sequence[Item], facet: Facet) -> Counter[str]:
    """How many of the items have which of the facet's values."""
    known = {plain(v): v for v in facet.values}
    return Counter(
        known[v] for i in items for v in set(said(i.fields.get(facet.field.name))) if v in known
    )
