"""When nothing fits: the least that has to give way, and what would fit then.

A correction set is a set of constraints whose removal leaves something (minimal correction sets of
an over-constrained problem, after M. Liffiton and K. Sakallah, 2008); the smallest are found by
trying one, then two, then three, which is exact and quick for as many constraints as a person
states. A limit need not be dropped: it moves as far as the next few items lie. Pure, given the
catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from assistant.constraints import Constraint
from assistant.types import Reading
from retrieval.filters import Filter, all_of

MOST = 3
"""Offers that are made, and constraints that one of them may give up."""

ENOUGH = 3
"""Items that a limit moves for: fewer are hardly a choice."""

PRICE = {"range": 1.0, "without": 1.0, "exclude": 1.5, "include": 2.0}
"""What giving up a constraint costs a person: a limit is given up before an exclusion, that before
something wished for."""

KIND = 4.0
"""What giving up the kind of thing costs: who wants a laptop is not served by a board game."""

DROPPED = 0.5
"""What dropping a limit costs beyond moving it."""

Count = Callable[[Filter | None], int]
Numbers = Callable[[str, Filter | None], NDArray[np.float64]]
"""The known numbers of a field among what satisfies a filter, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """An offer: without ``dropped``, with ``instead`` in its place, ``count`` items fit."""

    dropped: tuple[Constraint, ...]
    instead: tuple[Constraint, ...] = ()
    count: int

    @property
    def lost(self) -> tuple[Constraint, ...]:
        """What is dropped with nothing in its place."""
        moved = {c.field for c in self.instead}
        return tuple(c for c in self.dropped if c.kind != "range" or c.field not in moved)

    def of(self, constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
        """The constraints after the offer was accepted, in their order."""
        return (*(c for c in _apart(constraints) if c not in self.dropped), *self.instead)


def _apart(constraints: Sequence[Constraint]) -> tuple[Constraint, ...]:
    """The constraints with values that must all hold taken one by one: each may give way alone."""
    parts: list[Constraint] = []
    for c in constraints:
        each = c.every and len(c.values) > 1
        parts += [replace(c, values=(v,), every=False) for v in c.values] if each else [c]
    return tuple(dict.fromkeys(parts))


def relaxations(
    constraints: Sequence[Constraint],
    count: Count,
    numbers: Numbers,
    kinds: Container[str] = (),
) -> tuple[Relaxation, ...]:
    """The least offers under which something fits, the cheapest first, at most :data:`MOST`.

    Each gives up a minimal set of constraints: giving up fewer of them leaves nothing. ``kinds``
    are the fields that say what kind of thing an item is. Of two as cheap the one about the newer
    wish comes first. Empty where giving up any three constraints leaves nothing, and without
    constraints.
    """
    stated = _apart(constraints)
    newest = sorted(stated, key=lambda c: -c.turn)
    offers: list[tuple[float, Relaxation]] = []
    for size in range(1, MOST + 1):
        for dropped in combinations(newest, size):
            if any(set(offer.dropped) <= set(dropped) for _, offer in offers):
                continue
            rest = [c for c in stated if c not in dropped]
            left = count(all_of(c.filter() for c in rest))
            if left:
                offer = _moved(dropped, rest, left, count, numbers)
                offers.append((_cost(offer, kinds), offer))
    offers.sort(key=lambda priced: priced[0])
    return tuple(offer for _, offer in offers[:MOST])


def _cost(offer: Relaxation, kinds: Container[str]) -> float:
    """What an offer asks of a person."""
    total = sum(KIND if c.field in kinds else PRICE[c.kind] for c in offer.dropped)
    return total + DROPPED * (len(offer.dropped) - len(offer.instead))


def _moved(
    dropped: Sequence[Constraint],
    rest: Sequence[Constraint],
    left: int,
    count: Count,
    numbers: Numbers,
) -> Relaxation:
    """The offer with every limit moved that can be: to where the nearest items lie that the rest,
    and the limits moved before it, leave."""
    instead: list[Constraint] = []
    fits = left
    for c in dropped:
        held = [*rest, *instead]
        wider = _wider(c, numbers(c.field, all_of(r.filter() for r in held)))
        if wider is not None:
            found = count(all_of([*(r.filter() for r in held), wider.filter()]))
            if found:
                instead.append(wider)
                fits = found
    return Relaxation(dropped=tuple(dropped), instead=tuple(instead), count=fits)


def _wider(c: Constraint, known: NDArray[np.float64]) -> Constraint | None:
    """A limit moved, on the nearer side, so that it lets in a few of the known numbers; None for
    what is no limit, and where there is nothing beyond it."""
    if c.kind != "range":
        return None
    below, above = known[:0], known[:0]  # a strict bound itself is what was not wanted
    if c.low is not None:
        below = known[known <= c.low] if c.strict else known[known < c.low]
    if c.high is not None:
        above = known[known >= c.high] if c.strict else known[known > c.high]
    up = float(above[min(ENOUGH, len(above)) - 1]) if len(above) else None
    down = float(below[-min(ENOUGH, len(below))]) if len(below) else None
    if up is not None and (down is None or _nearer(c, up, down)):
        return replace(c, high=up, strict=False, compared=False)
    return None if down is None else replace(c, low=down, strict=False, compared=False)


def _nearer(c: Constraint, up: float, down: float) -> bool:
    return c.low is None or c.high is None or up - c.high <= c.low - down


def agreed(offers: Sequence[Relaxation], reading: Reading) -> Relaxation | None:
    """The offer that a message agrees to: the first by a plain yes, another by its number."""
    if reading.agrees and offers:
        return offers[0]
    # "More like the second" is about an item that was shown, not about an offer.
    asks = reading.act in ("answer", "compare", "explain")
    judges = (
        asks
        or reading.relative
        or reading.liked
        or reading.disliked
        or reading.seen
        or reading.more
        or reading.sort
    )
    places = reading.reference if len(reading.reference) == 1 and not judges else ()
    return next((offers[p - 1] for p in places if 0 < p <= len(offers)), None)
