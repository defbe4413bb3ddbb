"""What is held about a person, and getting rid of all of it.

Every table that holds something of a person is claimed once in :data:`CLAIMS`; export and erasure
read nothing else. An erasure is recorded before it begins and struck out when it has ended, so one
that was killed half-way goes on at the next start of a writer.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from retrieval.errors import WorkspaceBusy
from retrieval.storage import settings
from retrieval.storage.database import Database
from retrieval.storage.events import canonical
from retrieval.storage.staging import FOLDER as STAGING
from retrieval.storage.tables import api_keys, erasures, events, memories, sessions, turns
from retrieval.storage.versions import Versions

REJECTS = "rejects"

Claim = Callable[[str], ColumnElement[bool]]


def _in_own_sessions(person: str) -> ColumnElement[bool]:
    own = select(sessions.c.id).where(sessions.c.visitor == person)
    return turns.c.session.in_(own)


CLAIMS: Mapping[Table, Claim] = {
    turns: _in_own_sessions,
    sessions: lambda person: sessions.c.visitor == person,
    memories: lambda person: memories.c.visitor == person,
    events: lambda person: events.c.user == person,
    api_keys: lambda person: api_keys.c.visitor == person,
}
"""The rows of a person by table, in an order in which they can be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How many rows of each table are gone. ``trained``: the index in force was learnt from events
    among them and holds what it made of them, without a name, until the next build."""

    rows: Mapping[str, int]
    trained: bool


class Personal:
    """A workspace's data by person. A person is a user of the event log, a visitor, or both."""

    def __init__(
        self, home: Path, db: Database, versions: Versions, changing: threading.Lock
    ) -> None:
        self._home = home
        self._changing = changing
        self._db = db
        self._versions = versions

    def held(self, person: str) -> dict[str, list[dict[str, Any]]]:
        """Every row about a person by table; empty lists for a stranger."""
        person = canonical(person)
        with self._db.snapshot(), self._db.reading() as connection:
            return {
                table.name: [
                    dict(row._mapping)
                    for row in connection.execute(select(table).where(of(person)))
                ]
                for table, of in CLAIMS.items()
            }

    def erase(self, person: str) -> Erased:
        """Erase everything about a person, from tables, files and their free bytes.

        Only the owner of the writer calls this. Killed at any point, :meth:`resume` or the same
        call ends it. The next ingest builds the index anew, without the person, and keeps none
        from before. WorkspaceBusy when another process holds the database, and while this one
        ingests; then nothing was erased.
        """
        person = canonical(person)
        if not self._changing.acquire(blocking=False):
            raise WorkspaceBusy(
                "the catalogue is being brought up to date, and nothing can be erased meanwhile; "
                "try again in a few minutes"
            )
        try:
            with self._db.writing() as connection:
                row = {"person": person, "begun": time.time()}
                connection.execute(upsert(erasures).values(row).on_conflict_do_nothing())
            return self._finish(person)
        finally:
            self._changing.release()

    def resume(self) -> int:
        """End the erasures that were interrupted; how many."""
        with self._db.reading() as connection:
            pending = list(connection.execute(select(erasures.c.person)).scalars())
        for person in pending:
            self._finish(person)
        return len(pending)

    def expire(self, before: float) -> int:
        """Delete conversations without a turn since ``before`` (Unix seconds), and what is
        remembered of whoever has said nothing to be remembered since; how many conversations went.
        """
        newest = (
            select(turns.c.session, func.max(turns.c.created).label("at"))
            .group_by(turns.c.session)
            .subquery()
        )
        old = (
            select(sessions.c.id)
            .outerjoin(newest, newest.c.session == sessions.c.id)
            .where(func.coalesce(newest.c.at, sessions.c.created) < before)
        )
        with self._db.writing() as connection:
            ids = list(connection.execute(old).scalars())
            for one in ids:
                connection.execute(delete(turns).where(turns.c.session == one))
                connection.execute(delete(sessions).where(sessions.c.id == one))
            connection.execute(delete(memories).where(memories.c.written < before))
        return len(ids)

    def _finish(self, person: str) -> Erased:
        rows: dict[str, int] = {}
        with self._db.writing() as connection:
            for table, of in CLAIMS.items():
                rows[table.name] = connection.execute(delete(table).where(of(person))).rowcount
            if rows[events.name]:
                generation = settings.number(connection, settings.GENERATION) + 1
                settings.put(connection, settings.GENERATION, str(generation))
                settings.put(connection, settings.ERASED, str(time.time()))
        trained = self._versions.stale()
        shutil.rmtree(self._home / STAGING, ignore_errors=True)
        _forget_reports(self._home / REJECTS, person)
        if trained:
            self._versions.only_active()
        self._db.scrub()
        with self._db.writing() as connection:
            connection.execute(delete(erasures).where(erasures.c.person == person))
        self._db.scrub(rewrite=False)
        return Erased(rows=rows, trained=trained)


def _forget_reports(folder: Path, person: str) -> None:
    """Delete the lists of refused rows that name the person; the next ingest writes them anew."""
    for path in folder.glob("*"):
        if path.is_file() and person.encode() in path.read_bytes():
            path.unlink()
