"""Sessions and their turns, as opaque text: what a turn means is the conversation's business."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from retrieval.errors import TurnConflict, WorkspaceError
from retrieval.storage.database import Database
from retrieval.storage.events import insert_events
from retrieval.storage.tables import sessions, turns
from retrieval.types import Event


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

    def append(self, session_id: str, seq: int, payload: str, events: Sequence[Event] = ()) -> None:
        """Write a turn and its events, all or nothing.

        TurnConflict when the session has a turn with that number: somebody else was faster.
        WorkspaceError when there is no such session.
        """
        row = {"session": session_id, "seq": seq, "payload": payload, "created": time.time()}
        with self._db.writing() as connection:
            try:
                connection.execute(insert(turns).values(row))
            except IntegrityError as e:
                if "FOREIGN KEY" in str(e.orig):
                    raise WorkspaceError(f'there is no session "{session_id}"; create it') from e
                raise TurnConflict(f'session "{session_id}" already has a turn {seq}') from e
            insert_events(connection, events)

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

    def of_visitor(self, visitor_id: str) -> list[str]:
        """The ids of a visitor's sessions, the oldest first."""
        query = (
            select(sessions.c.id)
            .where(sessions.c.visitor == visitor_id)
            .order_by(sessions.c.number)
        )
        with self._db.reading() as connection:
            return list(connection.execute(query).scalars())
