"""What the stored conversations say of how well Palate serves: the figures of the owner's page.

Every figure is computed from turns and events that are stored anyway, and is defined here:

- A **turn** is one message or button that was answered; taking back an edited message is none.
- A **slate** is a turn that showed items.
- A slate is **accepted** when the person later spoke well of one of its items (a like, a purchase,
  a rating of 4 of 5 and up), or chose one ("I'll take the second").
- A slate is **taken up** (click-through) when it was accepted, or the person did anything else
  with one of its items that does not speak against it: opened it, saved it, asked about it, wanted
  more like it. The chat has no page behind a card, so these are its clicks.
- What a person does counts for the latest slate before it that showed them the item.
- A turn is **degraded** when a part of it fell back to the rules engine.
- An **unmet request** is a message after which nothing fitted.

Private conversations are stored nowhere and count nowhere.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from retrieval.kinds import EventKinds
from retrieval.types import Event, ItemId

TOP = 20
"""Unmet requests that are listed."""
STAGES = ("understand", "update", "candidates", "rerank", "select")
TOTAL = "whole turn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One turn as far as the figures need it. ``at`` is in Unix seconds.

    ``slate`` is what this turn showed. ``chosen`` and ``asked_about`` are items of earlier slates
    that the person chose, or spoke of without turning them down. ``wants`` are the constraints that
    were in force, in words; ``seconds`` is by stage.
    """

    visitor: str
    session: str
    at: float
    message: str = ""
    act: str = "recommend"
    slate: tuple[ItemId, ...] = ()
    chosen: tuple[ItemId, ...] = ()
    asked_about: tuple[ItemId, ...] = ()
    wants: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day in UTC, and what happened on it; ``accepted`` and ``taken_up`` are slates of that
    day, whenever the person came back to them."""

    day: date
    turns: int = 0
    slates: int = 0
    accepted: int = 0
    taken_up: int = 0
    degraded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How long one stage took, in seconds, over the turns that had it: the median and what 95 of
    100 stayed within, both by nearest rank."""

    stage: str
    turns: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A request after which nothing fitted: as it was last written, how often, by how many
    visitors, the constraints in force the last time, and when that was."""

    message: str
    times: int
    visitors: int
    wants: tuple[str, ...]
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The dashboard's numbers; ``days`` has every day of the period, also those without a turn.

    ``fallen_back`` counts degraded turns by stage, ``no_match`` the turns after which nothing
    fitted; ``unmet`` are at most :data:`TOP` of their messages, the most frequent first.
    """

    turns: int = 0
    conversations: int = 0
    visitors: int = 0
    slates: int = 0
    accepted: int = 0
    taken_up: int = 0
    degraded: int = 0
    no_match: int = 0
    days: tuple[Day, ...] = ()
    stages: tuple[StageTime, ...] = ()
    fallen_back: tuple[tuple[str, int], ...] = ()
    unmet: tuple[Unmet, ...] = ()

    @property
    def acceptance_rate(self) -> float | None:
        """The share of slates that were accepted; None without a slate."""
        return share(self.accepted, self.slates)

    @property
    def click_through(self) -> float | None:
        """The share of slates that were taken up; None without a slate."""
        return share(self.taken_up, self.slates)

    @property
    def degraded_share(self) -> float | None:
        """The share of turns that were degraded; None without a turn."""
        return share(self.degraded, self.turns)


def figures(
    turns: Sequence[Told], events: Iterable[Event], kinds: EventKinds, *, first: date, last: date
) -> Figures:
    """The figures of the days from ``first`` to ``last``, both included, in UTC.

    ``turns`` may lie outside; only those inside count. ``events`` are those of the visitors, in any
    order; an event without a time counts for nothing. No turns give zeros and None.
    """
    inside = [t for t in turns if first <= _day(t.at) <= last]
    accepted, taken_up = _credited(inside, events, kinds)
    by_day: dict[date, Counter[str]] = defaultdict(Counter)
    for n, turn in enumerate(inside):
        by_day[_day(turn.at)].update(
            turns=1,
            slates=bool(turn.slate),
            accepted=n in accepted,
            taken_up=n in taken_up,
            degraded=bool(turn.degraded),
        )
    span = (last - first).days + 1
    fell = Counter(stage for t in inside for stage in dict.fromkeys(t.degraded))
    unmet = [t for t in inside if t.act == "no_match"]
    return Figures(
        turns=len(inside),
        conversations=len({t.session for t in inside}),
        visitors=len({t.visitor for t in inside}),
        slates=sum(bool(t.slate) for t in inside),
        accepted=len(accepted),
        taken_up=len(taken_up),
        degraded=sum(bool(t.degraded) for t in inside),
        no_match=len(unmet),
        days=tuple(
            Day(day=day, **by_day[day]) for day in (first + timedelta(n) for n in range(span))
        ),
        stages=_stages(inside),
        fallen_back=tuple(sorted(fell.items(), key=lambda pair: (-pair[1], pair[0]))),
        unmet=_unmet(unmet),
    )


def share(part: int, whole: int) -> float | None:
    """``part`` of ``whole`` in [0, 1]; None of nothing."""
    return part / whole if whole else None


def quantile(values: Sequence[float], q: float) -> float:
    """The value that a share ``q`` in (0, 1] of the values does not exceed, by nearest rank."""
    return sorted(values)[max(0, math.ceil(q * len(values)) - 1)]


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _credited(
    turns: Sequence[Told], events: Iterable[Event], kinds: EventKinds
) -> tuple[set[int], set[int]]:
    """The places in ``turns`` of the slates that were accepted, and of those taken up."""
    showed: dict[tuple[str, ItemId], list[tuple[float, int]]] = defaultdict(list)
    for n, turn in enumerate(turns):
        for item in turn.slate:
            showed[turn.visitor, item].append((turn.at, n))
    accepted: set[int] = set()
    taken_up: set[int] = set()

    def credit(visitor: str, item: ItemId, before: float, *, good: bool) -> None:
        earlier = [place for place in showed.get((visitor, item), ()) if place[0] < before]
        if earlier:
            _, slate = max(earlier)
            taken_up.add(slate)
            if good:
                accepted.add(slate)

    for turn in turns:
        for item in turn.chosen:
            credit(turn.visitor, item, turn.at, good=True)
        for item in turn.asked_about:
            credit(turn.visitor, item, turn.at, good=False)
    for event in events:
        good = kinds.positive(event.kind, event.value)
        if event.time is not None and (good or kinds.weight(event.kind, event.value) > 0):
            credit(event.user, event.item, event.time, good=good)
    return accepted, taken_up


def _stages(turns: Sequence[Told]) -> tuple[StageTime, ...]:
    spent: dict[str, list[float]] = {}
    for turn in turns:
        for stage, seconds in turn.seconds.items():
            spent.setdefault(stage, []).append(seconds)
        if turn.seconds:
            spent.setdefault(TOTAL, []).append(math.fsum(turn.seconds.values()))
    order = [*STAGES, *sorted(spent.keys() - {*STAGES, TOTAL}), TOTAL]
    return tuple(
        StageTime(
            stage=stage,
            turns=len(spent[stage]),
            median=quantile(spent[stage], 0.5),
            p95=quantile(spent[stage], 0.95),
        )
        for stage in order
        if stage in spent
    )


def _unmet(turns: Sequence[Told]) -> tuple[Unmet, ...]:
    """Messages that differ in case, white space and closing marks alone are one."""
    groups: dict[str, list[Told]] = defaultdict(list)
    for turn in turns:
        groups[" ".join(turn.message.casefold().split()).rstrip(".!?… ")].append(turn)
    found = [
        Unmet(
            message=(latest := max(group, key=lambda t: t.at)).message,
            times=len(group),
            visitors=len({t.visitor for t in group}),
            wants=latest.wants,
            last=latest.at,
        )
        for group in groups.values()
    ]
    return tuple(sorted(found, key=lambda u: (-u.times, -u.last, u.message))[:TOP])
