"""Opening messages: those that the schema proposes, else made from a workspace's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

from assistant.explanation import phrasing
from retrieval.filters import Has, matches, number
from retrieval.types import Field, Item, Schema


def openings(schema: Schema, items: Sequence[Item]) -> tuple[str, ...]:
    """The schema's own messages; without any up to four that are sure to find something: a facet
    with a bound, a title, a person, a facet without another.

    Each of the four names values that many items hold. Empty for a catalogue without facets or
    titles.
    """
    if schema.openings:
        return schema.openings
    out = []
    facet = _facet(schema)
    common = _common(items, facet) if facet else []
    known = sorted(items, key=lambda i: -_popularity(i, schema))
    if facet and common:
        out.append(f"{common[0]}{_bound(schema, items, facet, common[0])}")
    if known:
        out.append(f"Something like {phrasing.short_title(known[0])}")
    people = [f for f in schema.by_kind("person") if f.multi or f.coverage > 0.5]
    if people:
        names = _common(known[:300], people[0])
        if names:
            said = phrasing.fact(people[0], (names[0],))
            out.append(f"Something {said}")
    pair = _often_together(items, facet) if facet and facet.multi else None
    if pair:
        out.append(f"{pair[0]}, but no {pair[1]}")
    return tuple(dict.fromkeys(out))


def _often_together(items: Sequence[Item], field: Field) -> tuple[str, str] | None:
    """Two values that items often hold at once, so that leaving one out says something."""
    votes: Counter[tuple[str, str]] = Counter()
    for item in items:
        held = item.fields.get(field.name)
        if isinstance(held, tuple):
            votes.update(permutations(sorted(set(held))[:8], 2))
    best = votes.most_common(4)
    return best[-1][0] if best else None


def _facet(schema: Schema) -> Field | None:
    plain = [f for f in schema.by_role("facet") if f.kind == "plain" and f.coverage > 0.6]
    return plain[0] if plain else None


def _common(items: Sequence[Item], field: Field) -> list[str]:
    votes: Counter[str] = Counter()
    for item in items:
        held = item.fields.get(field.name)
        votes.update(held if isinstance(held, tuple) else [str(held)] if held is not None else [])
    return [v for v, n in votes.most_common(5) if n > 1]


def _bound(schema: Schema, items: Sequence[Item], facet: Field, value: str) -> str:
    """ " from the 1990s" or " under €80", whichever number the catalogue has."""
    wanted = Has(facet.name, (value,))
    inside = [i for i in items if matches(wanted, i)]
    for field in schema.by_kind("year"):
        years = sorted(x for i in inside if (x := number(i.fields.get(field.name))) is not None)
        if years:
            return f" from the {int(years[len(years) // 2]) // 10 * 10}s"
    for field in schema.by_kind("price"):
        prices = sorted(x for i in inside if (x := number(i.fields.get(field.name))) is not None)
        if prices:
            return f" under {int(prices[len(prices) // 2]) // 10 * 10 + 10}"
    return ""


def _popularity(item: Item, schema: Schema) -> float:
    for field in schema.by_kind("popularity"):
        x = number(item.fields.get(field.name))
        if x is not None:
            return x
    return 0.0
