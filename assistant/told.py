"""From stored turns to what the figures need of them.

A whole turn is tens of kilobytes; of these a dashboard over months reads a few fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from pydantic import TypeAdapter

from assistant.insight import Told
from retrieval.storage.sessions import Stored
from retrieval.types import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    reference: tuple[int, ...] = ()
    liked: tuple[ItemId, ...] = ()
    named: tuple[ItemId, ...] = ()
    disliked: tuple[ItemId, ...] = ()
    seen: tuple[ItemId, ...] = ()
    settled: bool = False
    memory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    slate: tuple[ItemId, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Want:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """The fields of :class:`assistant.sessions.TurnRecord` that are read here."""

    at: float
    message: str
    act: str
    reading: _Reading
    slate: tuple[ItemId, ...] = ()
    back_to: int | None = None
    wants: tuple[_Want, ...] = ()
    degraded: tuple[_Stage, ...] = ()
    served: _Served = field(default_factory=_Served)


_turn: TypeAdapter[_Turn] = TypeAdapter(_Turn)


def told(stored: Iterable[Stored]) -> Iterator[Told]:
    """The turns of whole conversations, each in its order; those that only take others back are
    left out."""
    for session, rows in groupby(stored, key=lambda row: row.session):
        before: tuple[ItemId, ...] = ()
        for row in rows:
            turn = _turn.validate_json(row.payload)
            if turn.back_to is None:
                yield _told(turn, before, session, row.visitor)
            before = turn.slate


def _told(turn: _Turn, before: tuple[ItemId, ...], session: str, visitor: str) -> Told:
    reading = turn.reading
    pointed = tuple(before[n - 1] for n in reading.reference if 0 < n <= len(before))
    against = {*reading.disliked, *reading.seen}
    # A command to the memory ("forget the second") speaks of notes, not of what is shown.
    spoken = () if reading.memory else (*pointed, *reading.liked, *reading.named)
    about = tuple(item for item in dict.fromkeys(spoken) if item not in against)
    chosen: tuple[ItemId, ...] = ()
    if reading.settled:
        chosen = tuple(i for i in about if i in before) or before
    return Told(
        visitor=visitor,
        session=session,
        at=turn.at,
        message=turn.message,
        act=turn.act,
        slate=turn.served.slate,
        chosen=chosen,
        asked_about=about,
        wants=tuple(w.text for w in turn.wants),
        degraded=tuple(d.stage for d in turn.degraded),
        seconds=turn.served.seconds,
    )
