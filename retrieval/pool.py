"""What a slate is chosen from: the candidates with what the rules say of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns, Mask
from retrieval.filters import texts
from retrieval.rules import Boost, Bury, Cap, Exclude, Pin, Rule, active, wanted
from retrieval.types import Candidate, Item, ItemId, Query, Ranking, Schema

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

MOST = 0.9  # share of the items that have a value of the facet everything is sorted by
FEW = 100  # values that such a facet has at the most


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the slates of one index version are chosen on.

    ``row`` gives the row of an item in ``columns``; ``vectors`` those of items, (n, dim);
    ``eligible`` the rows that a query may show, (n_items,). ``facet`` is the field whose values
    slates are calibrated to, empty for none.
    """

    items: Mapping[ItemId, Item]
    row: Mapping[ItemId, int]
    columns: Columns
    vectors: Callable[[Sequence[ItemId]], Floats]
    eligible: Callable[[Query], Mask]
    rules: Sequence[Rule] = ()
    facet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Candidates, the best first after boosts; the last ones last. Indices are places in it.

    ``rows`` are catalogue rows and ``relevance`` lies in [0, 1]. The masks say what was asked for
    by name, what comes last (buried by a rule, or shown before), and what the query would rather
    avoid. ``limits`` are the caps: some indices, and how many of them a slate may hold. ``pins``
    are pairs of an index and its place from 0, by place. All arrays are (n,).
    """

    candidates: tuple[Candidate, ...]
    rows: Indices
    relevance: NDArray[np.float64]
    named: Mask
    last: Mask
    avoid: Mask
    limits: tuple[tuple[Indices, int], ...] = ()
    pins: tuple[tuple[int, int], ...] = ()

    def ids(self) -> tuple[ItemId, ...]:
        """Candidate ids in order."""
        return tuple(ItemId(c.id) for c in self.candidates)


def main_facet(items: Iterable[Item], schema: Schema) -> str:
    """The facet that the whole catalogue is sorted by ("genres", "category"), empty for none: the
    first that :data:`MOST` of the items have and that has few enough values to speak of a mix. A
    facet that tells nothing of what an item is like (not embedded) is none.
    """
    plain = [f for f in schema.by_role("facet") if f.kind == "plain" and f.embedded]
    facets = [f for f in plain if f.coverage >= MOST]
    values: dict[str, set[str]] = {f.name: set() for f in facets}
    for item in items:
        for name, known in values.items():
            if len(known) <= FEW and (held := item.fields.get(name)) is not None:
                known.update(texts(held))
    return next((name for name, known in values.items() if 2 <= len(known) <= FEW), "")


def permitted(rules: Sequence[Rule], columns: Columns, query: Query, now: float) -> Mask | None:
    """The rows that no rule excludes for this request, (n,); None when no rule excludes any."""
    excluded = [columns.mask(r.where) for r in active(rules, Exclude, query, now)]
    return ~np.logical_or.reduce(excluded) if excluded else None


def make_pool(ranking: Ranking, k: int, basis: Basis, now: float) -> Pool:
    """The pool of a ranking for ``k`` places; ``now`` is in Unix seconds.

    An item asked for by name is not buried and counts towards no cap, and a cap on a facet whose
    values were asked for says nothing. A pinned item joins where it may be shown.
    """
    query, columns = ranking.query, basis.columns
    candidates = list(ranking.candidates)
    pinned = _pinned(query, k, basis, now)
    there = {c.id for c in candidates}
    candidates += [_candidate(basis.items[i]) for i in pinned if i not in there]
    ids = [ItemId(c.id) for c in candidates]
    rows = np.array([basis.row[i] for i in ids], dtype=np.intp)
    relevance = np.array([c.prior or 0.0 for c in candidates], dtype=np.float64)
    for boost in active(basis.rules, Boost, query, now):
        relevance[columns.mask(boost.where)[rows]] *= boost.factor
    relevance /= max(1.0, float(relevance.max(initial=0.0)))
    named = np.array([i in query.named for i in ids], dtype=np.bool_)
    last = np.array([i in query.shown for i in ids], dtype=np.bool_)
    for bury in active(basis.rules, Bury, query, now):
        last |= columns.mask(bury.where)[rows]
    last &= ~named
    order = np.lexsort((np.arange(len(ids)), -relevance, last))
    ids = [ids[o] for o in order]
    asked = wanted(query.where)
    caps = [c for c in active(basis.rules, Cap, query, now) if c.field not in asked]
    return Pool(
        candidates=tuple(candidates[o] for o in order),
        rows=rows[order],
        relevance=relevance[order],
        named=named[order],
        last=last[order],
        avoid=np.array([i in query.avoid for i in ids], dtype=np.bool_),
        limits=tuple(chain(*(_limits(c, ids, rows[order], named[order], basis) for c in caps))),
        pins=tuple((ids.index(i), place) for i, place in pinned.items()),
    )


def _pinned(query: Query, k: int, basis: Basis, now: float) -> dict[ItemId, int]:
    """Pinned items that may be shown, with their places from 0; of two for one place the first
    in the file keeps it."""
    pins = [p for p in active(basis.rules, Pin, query, now) if p.place <= k and p.item in basis.row]
    if not pins:
        return {}
    eligible = basis.eligible(query)
    found: dict[ItemId, int] = {}
    for pin in sorted(pins, key=lambda p: p.place):
        row = basis.row[pin.item]
        fits = eligible[row] and basis.columns.mask(pin.where)[row]
        if fits and pin.item not in query.avoid and pin.place - 1 not in found.values():
            found.setdefault(pin.item, pin.place - 1)
    return found


def _candidate(item: Item) -> Candidate:
    """A candidate that no source proposed."""
    return Candidate(
        id=item.id, text=item.text, fields={"title": item.title, **item.fields}, prior=0.0
    )


def _limits(
    cap: Cap, ids: Sequence[ItemId], rows: Indices, named: Mask, basis: Basis
) -> list[tuple[Indices, int]]:
    """Where the cap can bite: the indices that share a value, for each value of too many."""
    counted = basis.columns.mask(cap.where)[rows] & ~named
    holders: dict[str, list[int]] = {}
    for index in np.flatnonzero(counted).tolist():
        held = basis.items[ids[index]].fields.get(cap.field)
        for value in () if held is None else set(texts(held)):
            holders.setdefault(value, []).append(index)
    return [
        (np.array(own, dtype=np.intp), cap.most) for own in holders.values() if len(own) > cap.most
    ]
