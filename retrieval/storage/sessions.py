"""Sessions, their turns and what is remembered of visitors, as opaque text: what they mean is the
conversation's business."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from retrieval.errors import TurnConflict, WorkspaceError
from retrieval.storage.database import Database
from retrieval.storage.events import delete_events, insert_events
from retrieval.storage.tables import memories, sessions, turns
from retrieval.types import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of a visitor; ``version`` 0 is nothing, each write counts one up."""

    visitor: str
    version: int = 0
    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A session in a list: when its last turn was (Unix seconds), and what its first turn holds."""

    session: str
    at: float
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One turn as it lies in the table, with whose it is."""

    session: str
    visitor: str
    seq: int
    payload: str


class SessionStore:
    """Turn snapshots by session. Safe beside other writers; needs no writer lock."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def create(self, session_id: str, visitor_id: str) -> None:
        """Begin a session; does nothing when this visitor has it already.

        TurnConflict when another visitor has it.
        """
        with self._db.writing() as connection:
            owner = connection.execute(
                select(sessions.c.visitor).where(sessions.c.id == session_id)
            ).scalar_one_or_none()
            if owner is None:
                row = {"id": session_id, "visitor": visitor_id, "created": time.time()}
                connection.execute(insert(sessions).values(row))
            elif owner != visitor_id:
                raise TurnConflict(f'session "{session_id}" belongs to another visitor')

    def visitor_of(self, session_id: str) -> str | None:
        """Whose session it is; None when there is no such session."""
        query = select(sessions.c.visitor).where(sessions.c.id == session_id)
        with self._db.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def append(
        self,
        session_id: str,
        seq: int,
        payload: str,
        events: Sequence[Event] = (),
        *,
        retracted: Sequence[Event] = (),
        remembered: Remembered | None = None,
    ) -> None:
        """Write a turn, the events it caused, those it takes back and what it left remembered, all
        or nothing.

        ``remembered`` is the next version of what was read. TurnConflict when the session has a
        turn with that number, or somebody else changed what is remembered. WorkspaceError when
        there is no such session.
        """
        row = {"session": session_id, "seq": seq, "payload": payload, "created": time.time()}
        with self._db.writing() as connection:
            try:
                connection.execute(insert(turns).values(row))
            except IntegrityError as e:
                if "FOREIGN KEY" in str(e.orig):
                    raise WorkspaceError(f'there is no session "{session_id}"; create it') from e
                raise TurnConflict(f'session "{session_id}" already has a turn {seq}') from e
            delete_events(connection, retracted)
            insert_events(connection, events)
            if remembered is not None:
                _keep(connection, remembered)

    def remember(self, remembered: Remembered) -> None:
        """Write the next version of what is remembered of a visitor; TurnConflict as above."""
        with self._db.writing() as connection:
            _keep(connection, remembered)

    def remembered(self, visitor_id: str) -> Remembered:
        """What is remembered of a visitor."""
        query = select(memories.c.version, memories.c.payload).where(
            memories.c.visitor == visitor_id
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return Remembered(visitor=visitor_id)
        return Remembered(visitor=visitor_id, version=row.version, payload=row.payload)

    def turns(self, session_id: str) -> list[str]:
        """The payloads in the order of their numbers; empty for an unknown session."""
        query = select(turns.c.payload).where(turns.c.session == session_id).order_by(turns.c.seq)
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())

    def last(self, session_id: str) -> tuple[int, str] | None:
        """The highest turn number and its payload; None when there is no turn."""
        query = (
            select(turns.c.seq, turns.c.payload)
            .where(turns.c.session == session_id)
            .order_by(turns.c.seq.desc())
            .limit(1)
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.seq, row.payload)

    def since(self, start: float) -> Iterator[Stored]:
        """Every turn written from ``start`` on (Unix seconds), session by session in the order of
        their numbers, read in one state and as it is asked for."""
        query = (
            select(turns.c.session, sessions.c.visitor, turns.c.seq, turns.c.payload)
            .join(sessions, sessions.c.id == turns.c.session)
            .where(turns.c.created >= start)
            .order_by(turns.c.session, turns.c.seq)
        )
        with self._db.reading() as connection:
            for row in connection.execute(query).yield_per(500):
                yield Stored(
                    session=row.session, visitor=row.visitor, seq=row.seq, payload=row.payload
                )

    def overview(self, visitor_id: str) -> list[Overview]:
        """A visitor's sessions that have a turn, the one spoken in last first."""
        own = (
            select(
                turns.c.session,
                func.min(turns.c.seq).label("first"),
                func.max(turns.c.created).label("at"),
            )
            .join(sessions, sessions.c.id == turns.c.session)
            .where(sessions.c.visitor == visitor_id)
            .group_by(turns.c.session)
            .subquery()
        )
        query = (
            select(own.c.session, own.c.at, turns.c.payload)
            .join(turns, (turns.c.session == own.c.session) & (turns.c.seq == own.c.first))
            .order_by(own.c.at.desc())
        )
        with self._db.reading() as connection:
            rows = connection.execute(query).all()
        return [Overview(session=r.session, at=r.at, payload=r.payload) for r in rows]

    def delete(self, session_id: str) -> bool:
        """Delete a session with its turns; the events they caused stay. False for none."""
        with self._db.writing() as connection:
            connection.execute(delete(turns).where(turns.c.session == session_id))
            gone = connection.execute(delete(sessions).where(sessions.c.id == session_id))
        return bool(gone.rowcount)

    def of_visitor(self, visitor_id: str) -> list[str]:
        """The ids of a visitor's sessions, the oldest first."""
        query = (
            select(sessions.c.id)
            .where(sessions.c.visitor == visitor_id)
            .order_by(sessions.c.number)
        )
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())


def _keep(connection: Connection, new: Remembered) -> None:
    held = connection.execute(
        select(memories.c.version).where(memories.c.visitor == new.visitor)
    ).scalar_one_or_none()
    if (held or 0) != new.version - 1:
        raise TurnConflict("what is remembered of this visitor was changed meanwhile")
    row = {
        "visitor": new.visitor,
        "version": new.version,
        "payload": new.payload,
        "written": time.time(),
    }
    connection.execute(
        upsert(memories)
        .values(row)
        .on_conflict_do_update(index_elements=[memories.c.visitor], set_=row)
    )
