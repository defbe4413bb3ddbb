"""The log of events: each event once, taken back only by the turn of a conversation that made it.

An event is the same as another when user, item, kind, value and time are. User ids are stored in
Unicode form NFC, so that two spellings of one accented name are one user.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.storage.database import Database
from retrieval.storage.tables import events, sessions
from retrieval.types import Event, ItemId, UserId

_COLUMNS = (events.c.user, events.c.item, events.c.kind, events.c.value, events.c.time)


def canonical(user: str) -> UserId:
    """A user id as it is stored and looked up: NFC, white space around it removed."""
    return UserId(unicodedata.normalize("NFC", user).strip())


class EventLog:
    """What users did. Appending is safe beside other writers and needs no writer lock."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(self, new: Sequence[Event]) -> int:
        """Add events in one transaction; those already there change nothing. How many were new."""
        with self._db.writing() as connection:
            return insert_events(connection, new)

    def retract(self, gone: Sequence[Event]) -> int:
        """Take events back; how many were there."""
        with self._db.writing() as connection:
            return delete_events(connection, gone)

    def of_user(self, user: UserId) -> tuple[Event, ...]:
        """A user's events by time, those without a time first, then in order of arrival."""
        query = (
            select(*_COLUMNS)
            .where(events.c.user == canonical(user))
            .order_by(events.c.time.asc().nulls_first(), events.c.seq)
        )
        with self._db.reading() as connection:
            return tuple(_event(row) for row in connection.execute(query).all())

    def all(self) -> Iterator[Event]:
        """Every event in order of arrival, read in one state and as it is asked for."""
        with self._db.reading() as connection:
            query = select(*_COLUMNS).order_by(events.c.seq)
            for row in connection.execute(query).yield_per(2000):
                yield _event(row)

    def of_visitors(self, start: float) -> Iterator[Event]:
        """The events from ``start`` on (Unix seconds) of whoever has a conversation, by time.

        Events without a time are left out.
        """
        query = (
            select(*_COLUMNS)
            .where(events.c.time >= start, events.c.user.in_(select(sessions.c.visitor)))
            .order_by(events.c.time, events.c.seq)
        )
        with self._db.reading() as connection:
            for row in connection.execute(query).yield_per(2000):
                yield _event(row)

    def count(self) -> int:
        """How many events there are."""
        return self._one(select(func.count()).select_from(events))

    def users(self) -> int:
        """How many different users they come from."""
        return self._one(select(func.count(events.c.user.distinct())))

    def moment(self, share: float) -> float | None:
        """The time from which the newest ``share`` of the timed events happened, in Unix seconds;
        None when no event has a time."""
        timed = self._one(
            select(func.count()).select_from(events).where(events.c.time.is_not(None))
        )
        if timed == 0:
            return None
        query = (
            select(events.c.time)
            .where(events.c.time.is_not(None))
            .order_by(events.c.time.desc())
            .offset(min(timed - 1, int(share * timed)))
            .limit(1)
        )
        with self._db.reading() as connection:
            return float(connection.execute(query).scalar_one())

    def people(
        self, kinds: Sequence[str], *, since: float | None = None, before: float | None = None
    ) -> dict[ItemId, int]:
        """How many different users each item has in events of these kinds, from ``since`` on and
        before ``before`` (Unix seconds; None leaves a side open). Items without any are left out,
        and so are events without a time when a side is closed."""
        query = (
            select(events.c.item, func.count(events.c.user.distinct()))
            .where(events.c.kind.in_(kinds))
            .group_by(events.c.item)
        )
        if since is not None:
            query = query.where(events.c.time >= since)
        if before is not None:
            query = query.where(events.c.time < before)
        with self._db.reading() as connection:
            return {ItemId(item): int(n) for item, n in connection.execute(query)}

    def _one(self, query: Select[int]) -> int:
        with self._db.reading() as connection:
            return connection.execute(query).scalar_one()


def insert_events(connection: Connection, new: Sequence[Event]) -> int:
    """Add events inside the caller's transaction; how many were new."""
    if not new:
        return 0
    before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    rows = [
        {
            "user": canonical(e.user),
            "item": e.item,
            "kind": e.kind,
            "value": e.value,
            "time": e.time,
        }
        for e in new
    ]
    connection.execute(insert(events).on_conflict_do_nothing(), rows)
    after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return int(after) - int(before)


def delete_events(connection: Connection, gone: Sequence[Event]) -> int:
    """Take events back inside the caller's transaction; how many of them were there."""
    found = 0
    for e in gone:
        same = [
            events.c.user == canonical(e.user),
            events.c.item == e.item,
            events.c.kind == e.kind,
            events.c.value.is_not_distinct_from(e.value),
            events.c.time.is_not_distinct_from(e.time),
        ]
        found += connection.execute(delete(events).where(*same)).rowcount
    return found


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    user, item, kind, value, time = row
    return Event(user=UserId(user), item=ItemId(item), kind=kind, value=value, time=time)
