"""Small logs with a known shape: two tastes, everybody a dozen likes, one a day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.evaluation.log import Log
from retrieval.kinds import DEFAULT_KINDS
from retrieval.types import Event, Field, Item, ItemId, Schema, UserId

DAY = 86_400.0
START = 1.6e9

SCHEMA = Schema(fields=(Field(name="id", role="id"), Field(name="title", role="title")))


def like(user: str, item: str, day: float | None, *, stars: float = 5.0) -> Event:
    """A rating on a day; without one it has no time."""
    time = None if day is None else START + day * DAY
    return Event(user=UserId(user), item=ItemId(item), kind="rating", value=stars, time=time)


def two_tastes(*, users: int = 24, likes: int = 12, pool: int = 20, seed: int = 3) -> list[Event]:
    """Users who like items of one of two pools ("a0"…, "b0"…), favouring its first ones."""
    rng = np.random.default_rng(seed)
    weights = 1.0 / np.arange(1, pool + 1)
    events = []
    for user in range(users):
        side = "ab"[user % 2]
        own = rng.choice(pool, size=likes, replace=False, p=weights / weights.sum())
        start = float(rng.integers(0, 5))
        for day, item in enumerate(own.tolist()):
            events.append(like(f"u{user}", f"{side}{item}", start + day))
    return events


def log_of(events: Sequence[Event], *more: str) -> Log:
    """The log over the items it names and ``more``."""
    ids = sorted({e.item for e in events} | set(more))
    return Log(
        items=tuple(Item(id=ItemId(i), title=i) for i in ids),
        events=tuple(events),
        schema=SCHEMA,
        kinds=DEFAULT_KINDS,
        described=False,
        notes=(),
    )


def written(path: Path, events: Sequence[Event]) -> Path:
    """The events as a ratings file."""
    timed = events[0].time is not None
    lines = ["user_id,item_id,rating" + (",timestamp" if timed else "")]
    for e in events:
        when = f",{e.time:.0f}" if e.time is not None else ""
        lines.append(f"{e.user},{e.item},{e.value:g}{when}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
