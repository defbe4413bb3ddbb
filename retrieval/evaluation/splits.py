"""Cutting histories in time: what may be learned from, and what is to be foretold.

Both splits give the same shape. ``tune`` learns from the first part and foretells the middle one,
which is where settings are chosen; ``report`` learns from the first and the middle part and
foretells the last, which is looked at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from retrieval.errors import InputError
from retrieval.kinds import EventKinds
from retrieval.types import Event, ItemId, UserId

FIRST, BOTH = 0.6, 0.8
"""Shares of the positives before the cut: of tuning, and of reporting."""

POSITIVES = 10
"""Positive items from which a user is measured; the others are learned from all the same."""

LEAST = 3
"""Positive items that can be cut three ways at all."""

Name = Literal["user", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One user at the cut.

    ``events`` are all of theirs before it, in order; ``liked`` the items positive before it, by
    their first positive event; ``targets`` (never empty) those that became positive after it.
    """

    user: UserId
    events: tuple[Event, ...]
    liked: tuple[ItemId, ...]
    targets: frozenset[ItemId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is known at a cut: everybody's ``events`` before it and, by user, the items they
    ``liked`` (oldest first, nobody without any); ``cases`` are those who liked more afterwards.
    """

    events: tuple[Event, ...]
    liked: Mapping[UserId, tuple[ItemId, ...]]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """``shuffled`` is true where no time is known and the order is a seeded random one."""

    name: Name
    tune: Part
    report: Part
    shuffled: bool


@dataclass(frozen=True, slots=True)
class _History:
    """A user's events in order, and the places of the first positive event of each item."""

    user: UserId
    events: tuple[Event, ...]
    firsts: tuple[int, ...]
    measured: bool

    def items(self, low: int, high: int | None = None) -> tuple[ItemId, ...]:
        return tuple(self.events[place].item for place in self.firsts[low:high])


def by_user(
    events: Sequence[Event], kinds: EventKinds, *, seed: int, at_least: int = POSITIVES
) -> Split:
    """Each user's positives cut 60/20/20 in their own time.

    An item counts once, at its first positive event. Order is by (time, item id), item ids as
    numbers where all are; where an event has no time it is random, from ``seed``. Of other events
    a user has those up to the last positive before the cut. Users with fewer than ``at_least``
    positives (3 or more) are no cases; all they did is there to be learned from. InputError when
    nobody is left to measure.
    """
    histories = _histories(events, kinds, seed, at_least)
    return Split(
        name="user",
        tune=_part(histories, FIRST, BOTH),
        report=_part(histories, BOTH, 1.0),
        shuffled=not timed(events),
    )


def by_time(events: Sequence[Event], kinds: EventKinds, *, at_least: int = POSITIVES) -> Split:
    """Everybody cut at the same two moments: those before which 60 and 80 % of the positives lie.

    The users measured are those of :func:`by_user`, so the two can be read side by side. Nothing
    of anyone at or after a cut is before it. A case without any ``liked`` is a newcomer.
    InputError when an event has no time, or when nobody likes anything on both sides.
    """
    if not timed(events):
        raise InputError("a split in time needs the time of every event")
    histories = _histories(events, kinds, 0, at_least)
    moments = np.sort([h.events[place].time or 0.0 for h in histories for place in h.firsts])
    first, both = (float(moments[int(share * len(moments))]) for share in (FIRST, BOTH))
    split = Split(
        name="time",
        tune=_between(histories, first, both),
        report=_between(histories, both, np.inf),
        shuffled=False,
    )
    for part in (split.tune, split.report):
        if not any(case.liked for case in part.cases):
            raise InputError("a split in time leaves nobody with likes on both sides of the cut")
    return split


def timed(events: Sequence[Event]) -> bool:
    """Whether every event has a time."""
    return all(event.time is not None for event in events)


def _histories(
    events: Sequence[Event], kinds: EventKinds, seed: int, at_least: int
) -> list[_History]:
    """Every user's history, in order of appearance; InputError when none is to be measured."""
    if at_least < LEAST:
        raise InputError(f"a history is cut three ways: measure from {LEAST} positives, not fewer")
    numbered = all(event.item.isdecimal() for event in events)
    luck = None if timed(events) else np.random.default_rng(seed).permutation(len(events)).tolist()

    def order(pair: tuple[int, Event]) -> tuple[float, int, str]:
        place, event = pair
        if luck is not None:
            return float(luck[place]), 0, ""
        return event.time or 0.0, int(event.item) if numbered else 0, event.item

    by: defaultdict[UserId, list[tuple[int, Event]]] = defaultdict(list)
    for place, event in enumerate(events):
        by[event.user].append((place, event))
    found = []
    for user, own in by.items():
        ordered = tuple(event for _, event in sorted(own, key=order))
        firsts: dict[ItemId, int] = {}
        for place, event in enumerate(ordered):
            if kinds.positive(event.kind, event.value):
                firsts.setdefault(event.item, place)
        places = tuple(firsts.values())
        found.append(_History(user, ordered, places, measured=len(places) >= at_least))
    if not any(history.measured for history in found):
        raise InputError(
            f"no user has {at_least} items with a positive event: there is nothing to measure"
        )
    return found


def _part(histories: Sequence[_History], before: float, until: float) -> Part:
    """Histories cut at a share of their positives; those that are not measured are whole."""
    events: list[Event] = []
    liked: dict[UserId, tuple[ItemId, ...]] = {}
    cases = []
    for history in histories:
        n = len(history.firsts)
        low, high = int(n * before), int(n * until)
        own, likes = history.events, history.items(0)
        if history.measured:
            own, likes = own[: history.firsts[low - 1] + 1], history.items(0, low)
            targets = frozenset(history.items(low, high))
            cases.append(Case(user=history.user, events=own, liked=likes, targets=targets))
        events += own
        if likes:
            liked[history.user] = likes
    return Part(events=tuple(events), liked=liked, cases=tuple(cases))


def _between(histories: Sequence[_History], start: float, end: float) -> Part:
    events: list[Event] = []
    liked: dict[UserId, tuple[ItemId, ...]] = {}
    cases = []
    for history in histories:
        own = tuple(e for e in history.events if e.time is not None and e.time < start)
        events += own
        before = tuple(i for i, when in _first_likes(history) if when < start)
        after = frozenset(i for i, when in _first_likes(history) if start <= when < end)
        if before:
            liked[history.user] = before
        if after and history.measured:
            cases.append(Case(user=history.user, events=own, liked=before, targets=after))
    return Part(events=tuple(events), liked=liked, cases=tuple(cases))


def _first_likes(history: _History) -> list[tuple[ItemId, float]]:
    firsts = (history.events[place] for place in history.firsts)
    return [(event.item, event.time or 0.0) for event in firsts]
