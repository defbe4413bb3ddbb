"""Hard constraints: what they mean, how they replace one another, how comparisons become them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from assistant.types import Facets, Range, Reading, Relative, Scope
from retrieval.filters import AllOf, Filter, Has, Not, Says, Within, all_of, fold, matches, number
from retrieval.types import Item, ItemId, Schema

Items = Mapping[ItemId, Item]
Count = Callable[[Filter | None], int]
"""How many items of the catalogue satisfy a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One hard constraint and the turn it came from. Readable by itself, and undone by itself.

    ``strict`` bounds do not count themselves; ``compared`` ones came from a comparison with items
    and hold until the next one. ``noted`` is when it was said (Unix seconds) where an earlier
    conversation said it.
    """

    kind: Literal["include", "exclude", "range", "without"]
    turn: int
    field: str = ""
    values: tuple[str, ...] = ()
    every: bool = False
    low: float | None = None
    high: float | None = None
    strict: bool = False
    scope: Scope = "request"
    noted: float | None = None
    compared: bool = False

    def filter(self) -> Filter:
        """The constraint as the filter it means."""
        if self.kind == "range":
            return Within(self.field, self.low, self.high, self.strict)
        if self.kind == "without":
            return Not(Says(self.values))
        if self.kind == "exclude":
            return Not(Has(self.field, self.values))
        if self.every:
            return AllOf(tuple(Has(self.field, (v,)) for v in self.values))
        return Has(self.field, self.values)


def _no_scale(_field: str) -> tuple[str, ...]:
    return ()


def _no_kind(_item: ItemId) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the catalogue says, as far as preferences depend on it.

    ``count`` answers how many items a filter leaves; ``scale`` the values of a facet from least to
    most ("silent", "quiet", "loud"), or () where the facet has no order. ``kind`` gives the facet
    and value that say what kind of thing an item is, or None in a catalogue of one kind; ``kinds``
    names such facets, and ``main`` the facet that the whole catalogue is sorted by (empty: none).
    """

    schema: Schema
    items: Items
    count: Count
    scale: Callable[[str], tuple[str, ...]] = _no_scale
    kind: Callable[[ItemId], tuple[str, str] | None] = _no_kind
    kinds: frozenset[str] = frozenset()
    main: str = ""

    def alike(self, reading: Reading) -> Reading:
        """The reading of "like X" with X's kind: who names a laptop as the example wants laptops.

        Unchanged when the message itself says which kind, or the examples are of several.
        """
        kinds = {self.kind(i) for i in reading.liked}
        if reading.act != "recommend" or len(kinds) != 1:
            return reading
        (kind,) = kinds
        if kind is None or kind[0] in reading.include or kind[0] in reading.exclude:
            return reading
        return replace(reading, include={kind[0]: (kind[1],), **reading.include})


def lift(constraints: tuple[Constraint, ...], lifted: Facets) -> tuple[Constraint, ...]:
    """Forget what was taken back: the named values of a field, also as words that were refused, or
    everything said about it."""
    kept = constraints
    for name, values in lifted.items():
        if values:
            for kind in ("include", "exclude", "without"):
                kept = drop_values(kept, name, values, kind)
            kept = drop_values(kept, "", values, "without")
        else:
            kept = tuple(c for c in kept if c.field != name)
    return kept


def drop_values(
    constraints: tuple[Constraint, ...], name: str, values: tuple[str, ...], kind: str
) -> tuple[Constraint, ...]:
    """Take ``values`` out of the constraints of that kind on that field; the empty ones go."""
    gone = {fold(v) for v in values}
    out = []
    for c in constraints:
        if c.kind == kind and c.field == name:
            left = tuple(v for v in c.values if fold(v) not in gone)
            if not left:
                continue
            c = replace(c, values=left)
        out.append(c)
    return tuple(out)


def present(c: Constraint) -> Filter:
    return Within(c.field) if c.kind == "range" else c.filter()


def between(
    name: str, bounds: Range, schema: Schema, turn: int, scope: Scope = "request"
) -> list[Constraint]:
    """The constraints that a range means: one, or two where only one end counts itself."""
    found = schema.find(name)
    low, high = bounds.min, bounds.max
    if high is not None and found is not None and found.role == "date" and high == int(high):
        high += 0.999  # up to a year means to the end of it
    if low is not None and high is not None and bounds.over != bounds.under:
        ends = [(low, None, bounds.over), (None, high, bounds.under)]
    else:
        ends = [(low, high, bounds.over if low is not None else bounds.under)]
    return [
        Constraint(kind="range", turn=turn, field=name, low=a, high=b, strict=strict, scope=scope)
        for a, b, strict in ends
    ]


def merge(old: tuple[Constraint, ...], new: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """Add comparisons; a new bound replaces an older one on the same side of the same field."""
    kept = list(old)
    for c in new:
        kept = [_opened(k, c) for k in kept if not _replaces(c, k)]
        kept.append(c)
    return tuple(k for k in kept if k.kind != "range" or (k.low, k.high) != (None, None))


def _replaces(new: Constraint, old: Constraint) -> bool:
    if old.field != new.field or old.kind != new.kind:
        return False
    same_side = (old.low is None) == (new.low is None)
    return new.kind == "include" or (old.compared and same_side)


def _opened(old: Constraint, new: Constraint) -> Constraint:
    """An older range without the end that a comparison moves towards (who asks for newer than a
    film of the nineties no longer means the nineties) and without the end that it overtakes."""
    if old.kind != "range" or old.compared or old.field != new.field or not new.compared:
        return old
    if new.low is not None:
        overtaken = old.low is not None and old.low <= new.low
        return replace(old, high=None, low=None if overtaken else old.low)
    overtaken = old.high is not None and new.high is not None and old.high >= new.high
    return replace(old, low=None, high=None if overtaken else old.high)


def compared(
    relatives: tuple[Relative, ...], facts: Facts, slate: tuple[ItemId, ...], turn: int
) -> list[Constraint]:
    """Comparisons as constraints: strict bounds on numbers, the values beyond on ordered facets.

    What neither a number nor an order can hold is left out; so is more than there is.
    """
    out = []
    for r in relatives:
        scale = facts.scale(r.field)
        if scale:
            values = _beyond(r, scale, facts.items, slate)
            if values and len(values) < len(scale):
                out.append(Constraint(kind="include", turn=turn, field=r.field, values=values))
            continue
        found = [number(i.fields.get(r.field)) for i in _base(r, facts.items, slate)]
        known = [x for x in found if x is not None]
        if known:
            x = statistics.median(known)
            low, high = (x, None) if r.direction == "higher" else (None, x)
            out.append(
                Constraint(
                    kind="range",
                    turn=turn,
                    field=r.field,
                    low=low,
                    high=high,
                    strict=True,
                    compared=True,
                )
            )
    return out


def _beyond(
    r: Relative, scale: tuple[str, ...], items: Items, slate: tuple[ItemId, ...]
) -> tuple[str, ...]:
    """The values of an ordered facet past the base; without a base, the better half of them."""
    order = {fold(v): n for n, v in enumerate(scale)}
    held = [i.fields.get(r.field) for i in _base(r, items, slate)]
    places = sorted(order[fold(v)] for v in held if isinstance(v, str) and fold(v) in order)
    if places:
        middle = places[len(places) // 2]
        return scale[middle + 1 :] if r.direction == "higher" else scale[:middle]
    half = max(1, len(scale) // 2)
    return scale[-half:] if r.direction == "higher" else scale[:half]


def _base(r: Relative, items: Items, slate: tuple[ItemId, ...]) -> list[Item]:
    return [items[i] for i in base_ids(r.base, slate) if i in items]


def base_ids(base: str, slate: tuple[ItemId, ...]) -> tuple[ItemId, ...]:
    """The items a comparison starts from: one, the whole slate, or none for "category"."""
    if base.startswith("anchor:"):
        return (ItemId(base.removeprefix("anchor:")),)
    if base.startswith("slate#"):
        place = int(base.removeprefix("slate#"))
        return slate[place - 1 : place] if place > 0 else ()
    return slate if base == "slate" else ()


def folded(
    old: tuple[Constraint, ...], reading: Reading, facts: Facts, turn: int
) -> tuple[tuple[Constraint, ...], bool]:
    """The constraints with the reading's laid over them, and whether another kind was chosen.

    What is ruled out holds for the session, what is asked for until the next request, unless the
    message says how far it reaches.
    """
    kept = old
    wanted, refused = reading.scope or "request", reading.scope or "session"
    for name, values in reading.exclude.items():
        kept = drop_values(kept, name, values, "include")
        out = Constraint(kind="exclude", turn=turn, field=name, values=values, scope=refused)
        kept = (*kept, out)
    if reading.without:
        out = Constraint(kind="without", turn=turn, values=reading.without, scope=refused)
        kept = (*kept, out)
    for name, bounds in reading.ranges.items():
        bounds = _with_other_end(bounds, name, kept)
        kept = tuple(c for c in kept if not (c.kind == "range" and c.field == name))
        kept = (*kept, *between(name, bounds, facts.schema, turn, wanted))
    switched = False
    for name, values in reading.include.items():
        kept = drop_values(kept, name, values, "exclude")
        new = Constraint(
            kind="include",
            turn=turn,
            field=name,
            values=values,
            every=name in reading.every,
            scope=wanted,
        )
        found = facts.schema.find(name)
        without = tuple(c for c in kept if not (c.kind == "include" and c.field == name))
        grows = found is not None and found.multi
        if grows and facts.count(all_of(c.filter() for c in (*kept, new))):
            kept = (*kept, new) if new.filter() not in {c.filter() for c in kept} else kept
        else:
            switched = switched or (len(without) < len(kept) and not grows)
            kept = (*without, new)
    return (_still_meant(kept, turn, facts.count) if switched else kept), switched


def _with_other_end(bounds: Range, name: str, old: tuple[Constraint, ...]) -> Range:
    """A bound on one side with the one that was set on the other side before, where both can hold:
    "after 1980", then "not after 2000"."""
    for c in old:
        if c.kind != "range" or c.field != name or c.compared:
            continue
        if (c.low is None) == (c.high is None):
            continue
        if bounds.max is None and c.high is not None and c.high > (bounds.min or 0.0):
            return replace(bounds, max=c.high, under=c.strict)
        if bounds.min is None and c.low is not None and c.low < (bounds.max or 0.0):
            return replace(bounds, min=c.low, over=c.strict)
    return bounds


def stands_alone(old: tuple[Constraint, ...], reading: Reading, facts: Facts, turn: int) -> bool:
    """Whether a message stands on its own: it names an example or two things and more, which some
    items satisfy, but none together with what was wanted before. One thing more is a refinement,
    even if nothing is left: then the person is told so."""
    example = bool(reading.liked) and not reading.reference
    named = len(reading.include) + len(reading.ranges)
    if not old or (named < 2 and not example):
        return False
    alone, _ = folded((), reading, facts, turn)
    both, _ = folded(old, reading, facts, turn)
    left = [facts.count(all_of(c.filter() for c in some)) for some in (both, alone)]
    return left[0] == 0 < left[1]


def _still_meant(
    constraints: tuple[Constraint, ...], turn: int, count: Count
) -> tuple[Constraint, ...]:
    """Drop older comparisons, and older constraints on fields that nothing of the new kind has."""
    fresh = tuple(c for c in constraints if c.turn == turn)
    return tuple(
        c
        for c in constraints
        if c.turn == turn
        or c.kind in ("exclude", "without")
        or (not c.compared and count(all_of([*(f.filter() for f in fresh), present(c)])))
    )


def excluded(values: Facets, slate: tuple[ItemId, ...], facts: Facts) -> set[ItemId]:
    """The items of the slate that have an excluded value."""
    excluded = [Has(name, held) for name, held in values.items()]
    there = [i for i in slate if i in facts.items]
    return {i for i in there if any(matches(f, facts.items[i]) for f in excluded)}
