"""Small worlds of taste that the collaborative tests share."""

from __future__ import annotations

import numpy as np

from retrieval.collaborative import Interactions
from retrieval.kinds import DEFAULT_KINDS
from retrieval.types import Event, ItemId, UserId, ids

KINDS = DEFAULT_KINDS
DAY = 86_400.0


def event(
    user: str, item: str, kind: str = "like", value: float | None = None, day: float | None = None
) -> Event:
    """One event; ``day`` counts from the beginning of time."""
    time = None if day is None else day * DAY
    return Event(user=UserId(user), item=ItemId(item), kind=kind, value=value, time=time)


CAMPS = ids(["left1", "left2", "left3", "left4", "right1", "right2", "right3", "right4", "nobody"])
LEFT, RIGHT, NOBODY = (0, 1, 2, 3), (4, 5, 6, 7), 8


def two_camps(seed: int = 3) -> tuple[Event, ...]:
    """Sixty users who like three of their camp's four items and now and then one of the other's,
    all on one day."""
    rng = np.random.default_rng(seed)
    events = []
    for user in range(60):
        own, other = (LEFT, RIGHT) if user % 2 == 0 else (RIGHT, LEFT)
        for row in rng.choice(own, 3, replace=False):
            events.append(event(f"u{user}", CAMPS[row], day=1.0))
        if user % 5 == 0:
            events.append(event(f"u{user}", CAMPS[rng.choice(other)], day=1.0))
    return tuple(events)


def camps() -> Interactions:
    """The matrix of :func:`two_camps`; the last item has no events."""
    return Interactions.build(two_camps(), CAMPS, KINDS)
