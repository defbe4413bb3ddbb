"""What the person wants now, as a value.

:func:`update` folds one :class:`~assistant.types.Reading` into the preferences and returns new
ones; nothing is changed in place, so every turn is a snapshot and undo is picking an older one.
:func:`to_query` turns preferences and profile into what the retriever is asked. Both are pure.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.types import Facets, Range, Reading, Relative
from retrieval.filters import AllOf, Filter, Has, Not, Says, Within, all_of, fold, number
from retrieval.types import Item, ItemId, Profile, Query, Schema, Sort

Items = Mapping[ItemId, Item]
Count = Callable[[Filter | None], int]
"""How many items of the catalogue satisfy a filter."""

WISHES_KEPT = 3  # older soft wishes blur the request more than they sharpen it


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One hard constraint and the turn it came from. Readable by itself, and undone by itself."""

    kind: Literal["include", "exclude", "range", "without"]
    turn: int
    field: str = ""
    values: tuple[str, ...] = ()
    every: bool = False
    low: float | None = None
    high: float | None = None
    strict: bool = False

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A soft wish in the person's own words, and the turn it came from."""

    text: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Everything the conversation has established so far; the empty value is a fresh start.

    ``shown`` lists what has been on a slate, oldest first; ``passed`` is the part of it after which
    the person asked for others, and never returns; ``avoid`` is what a comparison ("cheaper") moved
    away from, and returns only to fill a short slate. ``lean`` holds signed tendencies ("cheap").
    ``sort``, ``count`` and ``named`` hold for the current turn alone.
    """

    constraints: tuple[Constraint, ...] = ()
    wishes: tuple[Wish, ...] = ()
    likes: tuple[ItemId, ...] = ()
    dislikes: tuple[ItemId, ...] = ()
    seen: tuple[ItemId, ...] = ()
    named: tuple[ItemId, ...] = ()
    shown: tuple[ItemId, ...] = ()
    passed: frozenset[ItemId] = frozenset()
    avoid: frozenset[ItemId] = frozenset()
    lean: Mapping[str, float] = field(default_factory=dict)
    sort: Sort | None = None
    unavailable: bool = False
    count: int | None = None
    asked: int = 0

    def where(self) -> Filter | None:
        """All hard constraints together; None when there are none."""
        return all_of(c.filter() for c in self.constraints)

    def empty(self) -> bool:
        """Whether nothing at all is known about the wish yet."""
        return not (self.constraints or self.wishes or self.likes or self.lean)


def _no_scale(_field: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the catalogue says, as far as preferences depend on it.

    ``count`` answers how many items a filter leaves; ``scale`` the values of a facet from least to
    most ("silent", "quiet", "loud"), or () where the facet has no order.
    """

    schema: Schema
    items: Items
    count: Count
    scale: Callable[[str], tuple[str, ...]] = _no_scale


def update(
    old: Preferences, reading: Reading, *, facts: Facts, slate: tuple[ItemId, ...], turn: int
) -> Preferences:
    """Fold a reading into the preferences.

    ``slate`` is what was shown last; positions in the reading refer to it. A new value for a
    single-valued facet or a number replaces the old one; values of a multi-valued facet accumulate
    while something still fits, else the new ones replace the old. What contradicts an older wish
    removes it. Constraints on fields that no item of the newly chosen kind has are dropped ("at
    least 650 lumens" does not follow from lamps to headphones).
    """
    base = Preferences(seen=old.seen, dislikes=old.dislikes) if reading.reset else old
    if _new_request(base, reading, facts, turn):
        stays = tuple(c for c in base.constraints if c.kind in ("exclude", "without"))
        base = replace(base, constraints=stays, wishes=(), likes=(), lean={})
    kept = _lift(base.constraints, reading.lifted)
    kept, switched = _constraints(kept, reading, facts, turn)
    kept = _merge(kept, _compared(reading.relative, facts, slate, turn))
    pointed = tuple(slate[n - 1] for n in reading.reference if 0 < n <= len(slate))
    disliked = _join(base.dislikes, reading.disliked)
    seen = _join(base.seen, reading.seen)
    liked = tuple(
        i for i in _join(base.likes, reading.liked) if i not in {*reading.disliked, *reading.seen}
    )
    # "Not the first, what else?" turns one item away; the others merely step back.
    some = bool(reading.disliked) and not set(slate) <= set(reading.disliked)
    others = reading.more and not some
    moved = bool(reading.relative) or (reading.more and some)
    asks = reading.act in ("answer", "compare", "explain")
    judged = {*reading.liked, *reading.disliked, *reading.seen}
    return replace(
        base,
        constraints=kept,
        wishes=_wishes(() if switched else base.wishes, reading, facts.schema, turn),
        likes=liked,
        dislikes=disliked,
        seen=seen,
        # "And the price?" speaks of what was spoken of before.
        named=_join(reading.named, tuple(i for i in pointed if i not in judged))
        or (base.named if asks else ()),
        passed=base.passed | frozenset(base.shown) if others else base.passed,
        avoid=base.avoid | frozenset(base.shown) if moved else base.avoid,
        lean=_lean(base.lean, reading, begun=bool(slate)),
        sort=reading.sort,
        unavailable=reading.unavailable or base.unavailable,
        count=reading.count,
    )


def to_query(
    preferences: Preferences, profile: Profile, *, history: tuple[str, ...] = (), locale: str = "en"
) -> Query:
    """The retriever's and the re-ranker's question. Nothing seen, named or rejected may return."""
    p = preferences
    gone = {*p.likes, *p.dislikes, *p.seen, *p.passed}
    return Query(
        text=" ".join(w.text for w in p.wishes),
        profile=profile,
        history=history,
        locale=locale,
        where=p.where(),
        like=p.likes,
        unlike=p.dislikes,
        exclude=frozenset(gone) | profile.seen,
        avoid=p.avoid,
        named=frozenset(p.named) - gone,
        unavailable=p.unavailable,
        lean=p.lean,
        sort=p.sort,
    )


def _join(old: Iterable[ItemId], new: Iterable[ItemId]) -> tuple[ItemId, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _constraints(
    old: tuple[Constraint, ...], reading: Reading, facts: Facts, turn: int
) -> tuple[tuple[Constraint, ...], bool]:
    """The constraints with the reading's laid over them, and whether another kind was chosen."""
    kept = old
    for name, values in reading.exclude.items():
        kept = _drop_values(kept, name, values, "include")
        kept = (*kept, Constraint(kind="exclude", turn=turn, field=name, values=values))
    if reading.without:
        kept = (*kept, Constraint(kind="without", turn=turn, values=reading.without))
    for name, bounds in reading.ranges.items():
        kept = tuple(c for c in kept if not (c.kind == "range" and c.field == name))
        kept = (*kept, _range(name, bounds, facts.schema, turn))
    switched = False
    for name, values in reading.include.items():
        kept = _drop_values(kept, name, values, "exclude")
        new = Constraint(
            kind="include", turn=turn, field=name, values=values, every=name in reading.every
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


def _new_request(old: Preferences, reading: Reading, facts: Facts, turn: int) -> bool:
    """Whether a message stands on its own: it names two or more things, which some items satisfy,
    but none together with what was wanted before. One thing more is a refinement, even if nothing
    is left: then the person is told so."""
    if len(reading.include) + len(reading.ranges) < 2 or not old.constraints:
        return False
    alone, _ = _constraints((), reading, facts, turn)
    both, _ = _constraints(old.constraints, reading, facts, turn)
    left = [facts.count(all_of(c.filter() for c in some)) for some in (both, alone)]
    return left[0] == 0 < left[1]


def _lift(constraints: tuple[Constraint, ...], lifted: Facets) -> tuple[Constraint, ...]:
    """Forget what was taken back: the named values of a field, or everything said about it."""
    kept = constraints
    for name, values in lifted.items():
        if values:
            for kind in ("include", "exclude"):
                kept = _drop_values(kept, name, values, kind)
        else:
            kept = tuple(c for c in kept if c.field != name)
    return kept


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
        or (not c.strict and count(all_of([*(f.filter() for f in fresh), _present(c)])))
    )


def _present(c: Constraint) -> Filter:
    return Within(c.field) if c.kind == "range" else c.filter()


def _drop_values(
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


def _range(name: str, bounds: Range, schema: Schema, turn: int) -> Constraint:
    found = schema.find(name)
    high = bounds.max
    if high is not None and found is not None and found.role == "date" and high == int(high):
        high += 0.999  # up to a year means to the end of it
    return Constraint(kind="range", turn=turn, field=name, low=bounds.min, high=high)


def _merge(old: tuple[Constraint, ...], new: Iterable[Constraint]) -> tuple[Constraint, ...]:
    """Add comparisons; a new bound replaces an older one on the same side of the same field."""
    kept = list(old)
    for c in new:
        kept = [k for k in kept if not _replaces(c, k)]
        kept.append(c)
    return tuple(kept)


def _replaces(new: Constraint, old: Constraint) -> bool:
    if old.field != new.field or old.kind != new.kind:
        return False
    return new.kind == "include" or (old.strict and (old.low is None) == (new.low is None))


def _compared(
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
                Constraint(kind="range", turn=turn, field=r.field, low=low, high=high, strict=True)
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
    """The items a comparison starts from: one, the whole slate, or none for "category"."""
    if r.base.startswith("anchor:"):
        ids: tuple[ItemId, ...] = (ItemId(r.base.removeprefix("anchor:")),)
    elif r.base.startswith("slate#"):
        place = int(r.base.removeprefix("slate#"))
        ids = slate[place - 1 : place] if place > 0 else ()
    else:
        ids = slate if r.base == "slate" else ()
    return [items[i] for i in ids if i in items]


def _lean(old: Mapping[str, float], reading: Reading, *, begun: bool) -> Mapping[str, float]:
    """Tendencies: what is said of the kind as a whole, or of a slate that is not there yet."""
    new = {
        r.field: 1.0 if r.direction == "higher" else -1.0
        for r in reading.relative
        if r.base == "category" or (r.base == "slate" and not begun)
    }
    return {**old, **new} if new else old


def _wishes(old: tuple[Wish, ...], reading: Reading, schema: Schema, turn: int) -> tuple[Wish, ...]:
    words = [reading.text] if reading.text else []
    # A soft attribute ("funnier") has no field: it joins the wishes when more of it is wanted.
    words += [
        r.field
        for r in reading.relative
        if r.direction == "higher" and schema.find(r.field) is None
    ]
    text = " ".join(words).strip()
    return (*old, Wish(text=text, turn=turn))[-WISHES_KEPT:] if text else old


def without(preferences: Preferences, dropped: Constraint) -> Preferences:
    """The preferences less one constraint, as a person agreed to it; unchanged when it is gone."""
    kept = tuple(c for c in preferences.constraints if c != dropped)
    return replace(preferences, constraints=kept)


def shown(preferences: Preferences, ids: tuple[ItemId, ...], *, asked: bool) -> Preferences:
    """The preferences after a slate was shown (may be empty) and a question asked or not."""
    return replace(
        preferences,
        shown=_join(preferences.shown, ids),
        asked=preferences.asked + 1 if asked else 0,
    )
