"""Business rules as values: what is left out, lifted, sunk, placed and limited, and when.

They never override what a person asked for: hard constraints, what they excluded and an order they
named stand above them, and so does stock. :mod:`retrieval.rules_file` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeVar

from retrieval.filters import AllOf, Among, Filter, Has, Known, fold
from retrieval.types import ItemId, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The requests that a rule speaks of; the empty value is every request.

    ``user`` is ``known`` when the person has a history. ``wants`` maps a facet to values, folded,
    of which the request's hard constraints must ask for one, for every facet named. ``begins`` and
    ``ends`` are Unix seconds, from the first and before the second.
    """

    user: Literal["known", "new"] | None = None
    wants: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    begins: float | None = None
    ends: float | None = None

    def holds(self, query: Query, now: float) -> bool:
        """Whether the request, made at ``now`` (Unix seconds), is one of them."""
        if self.begins is not None and now < self.begins:
            return False
        if self.ends is not None and now >= self.ends:
            return False
        if self.user is not None and (query.profile.n_events > 0) != (self.user == "known"):
            return False
        asked = wanted(query.where)
        return all(not values.isdisjoint(asked.get(f, ())) for f, values in self.wants.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What all rules have: a name for messages, the items and the requests they speak of.

    ``where`` is None for every item.
    """

    name: str
    where: Filter | None = None
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude(Rule):
    """The items are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost(Rule):
    """The items' relevance is multiplied by ``factor``: above 1 lifts them, below 1 lowers them."""

    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bury(Rule):
    """The items come after all others: they only fill a slate that would be short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(Rule):
    """The item stands at ``place`` (from 1) whenever it may be shown at all."""

    item: ItemId
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap(Rule):
    """At most ``most`` items of a slate share a value of ``field``."""

    field: str
    most: int


R = TypeVar("R", bound=Rule)


def active(rules: Sequence[Rule], kind: type[R], query: Query, now: float) -> Iterator[R]:
    """The rules of one kind that speak of this request, in the order of the file."""
    return (r for r in rules if isinstance(r, kind) and r.when.holds(query, now))


def spoken_of(rule: Rule) -> Filter:
    """The items that a rule can do something to: those of ``where`` that a pin names, or that have
    the field of a cap."""
    parts: tuple[Filter, ...] = () if rule.where is None else (rule.where,)
    if isinstance(rule, Pin):
        parts = (*parts, Among(frozenset({rule.item})))
    if isinstance(rule, Cap):
        parts = (*parts, Known(rule.field))
    return AllOf(parts)


def wanted(where: Filter | None) -> dict[str, frozenset[str]]:
    """The facet values, folded, that every item of the answer must have one of, by field."""
    found: dict[str, frozenset[str]] = {}
    for part in where.parts if isinstance(where, AllOf) else (where,):
        if isinstance(part, Has):
            values = frozenset(fold(v) for v in part.values)
            found[part.field] = found.get(part.field, frozenset()) | values
        elif isinstance(part, AllOf):
            for name, inner in wanted(part).items():
                found[name] = found.get(name, frozenset()) | inner
    return found
