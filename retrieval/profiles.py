"""The taste of one person: a fold over what they did.

One rule, :func:`standing`, says what a row of events with one item comes to, for profiles and for
the matrix that the collaborative scorers learn from.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from retrieval.kinds import LIKED, EventKinds
from retrieval.types import Event, ItemId, Profile, UserId

DAY = 86_400.0
HALF_LIFE_DAYS = 365.0
CEILING = 3.0
"""The weight that no number of events exceeds: one purchase says almost all there is to say."""

RECENT = 5.0
"""Later items after which one counts half as recent. In items, not days: what somebody does in an
evening and what they do in a year are both a handful of steps."""

SPAN = 30
"""Items that are looked at for what is recent."""

FORGOTTEN = 0.01
"""Share below which an item is not recent any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person's events with one item come to.

    ``weight`` is signed, in (-CEILING, CEILING). ``liked`` is true when something they did
    counts as a like and nothing decisive spoke against the item afterwards. ``time`` is that of
    the newest event, None where none is known.
    """

    weight: float
    liked: bool
    time: float | None


def standing(
    events: Sequence[Event], kinds: EventKinds, *, now: float | None = None, half_life: float = 0.0
) -> Standing:
    """The sum of the events' weights, oldest first, halved for every ``half_life`` days of age.

    - A new rating replaces the rating before it.
    - A decisive event (a rating, or a weight of at least 2 either way: a purchase, a dislike, a
      return) overturns what speaks for the opposite, so bought and returned is disliked.
    - Repeats are damped: a sum s becomes ``CEILING * (1 - exp(-|s| / CEILING))`` with its sign.

    No decay when ``half_life`` is 0 or ``now`` is None. An event without a time, or one later than
    ``now``, counts in full. The order of equal and unknown times is the order given.
    """
    total = stars = 0.0
    liked = False
    newest: float | None = None
    if len(events) > 1:
        events = sorted(events, key=lambda e: -math.inf if e.time is None else e.time)
    for event in events:
        kind = kinds.get(event.kind)
        if kind is None:
            continue
        rates = kind.carries == "stars" and event.value is not None
        full = weight = kinds.weight(event.kind, event.value)
        if event.time is not None:
            newest = event.time
            if half_life > 0 and now is not None and now > event.time:
                weight *= 0.5 ** ((now - event.time) / DAY / half_life)
        if rates or abs(full) >= LIKED:
            if weight * (total + stars) < 0:
                total = stars = 0.0
            liked = liked and weight >= 0
        if rates:
            stars = weight
            liked = kinds.positive(event.kind, event.value)
        else:
            total += weight
            liked = liked or (full > 0 and kinds.positive(event.kind, event.value))
    return Standing(weight=_damped(total + stars), liked=liked, time=newest)


def fold(
    user: UserId | None,
    events: Iterable[Event],
    kinds: EventKinds,
    now: float | None = None,
    half_life_days: float = HALF_LIFE_DAYS,
) -> Profile:
    """The profile of a person from all their events, in any order.

    Age is counted back from ``now``, or, without it, from the person's own newest event: somebody
    who comes back after a year finds the taste they left with. Items whose events come to 0 carry
    no weight. ``seen`` holds every item that should not be proposed again; see :func:`spent`.
    Unknown kinds weigh nothing and make nothing seen, but count in ``n_events``. ``recent`` orders
    the items of positive weight by their newest event (ties by id); see :func:`recency`. No events
    give an empty profile.
    """
    by_item: defaultdict[ItemId, list[Event]] = defaultdict(list)
    count = 0
    for event in events:
        by_item[event.item].append(event)
        count += 1
    if now is None:
        times = [e.time for own in by_item.values() for e in own if e.time is not None]
        now = max(times, default=None)
    weights: dict[ItemId, float] = {}
    touched: list[tuple[float, ItemId, float]] = []
    for item, own in by_item.items():
        stands = standing(own, kinds, now=now, half_life=half_life_days)
        if stands.weight != 0.0:
            weights[item] = stands.weight
        if stands.weight > 0 and stands.time is not None:
            touched.append((-stands.time, item, min(1.0, stands.weight / LIKED)))
    return Profile(
        user=user,
        weights=MappingProxyType(weights),
        recent=MappingProxyType(recency((i, share) for _, i, share in sorted(touched))),
        seen=frozenset(i for i, own in by_item.items() if any(spent(e, kinds) for e in own)),
        n_events=count,
    )


def recency(newest_first: Iterable[tuple[ItemId, float]]) -> dict[ItemId, float]:
    """What is left of each item's share of attention, halved by every :data:`RECENT` items that
    came after it; below :data:`FORGOTTEN` nothing is left. Shares lie in (0, 1]."""
    left = ((item, share * 0.5 ** (n / RECENT)) for n, (item, share) in enumerate(newest_first))
    return {item: share for item, share in itertools.islice(left, SPAN) if share >= FORGOTTEN}


def spent(event: Event, kinds: EventKinds) -> bool:
    """Whether the event means that the item must not be proposed to this person again.

    It does when the person had the item or turned it away: a purchase, a rating, a like, a
    dislike, a return, a dismissal, "seen". It does not when they only looked or meant to come
    back: a view, a click, a basket. In a shop those are the very items worth proposing.
    """
    kind = kinds.get(event.kind)
    if kind is None or kind.carries == "quantity":
        return False
    judged = kind.weight < 0 or kind.weight >= LIKED
    return judged or kind.carries == "stars" or kind.name == "seen"


def _damped(total: float) -> float:
    return math.copysign(CEILING * -math.expm1(-abs(total) / CEILING), total)
