"""A workspace: everything Palate knows about one catalogue, in one folder.

::

    palate.db        items, events, sessions, keys, schema, which index is active, what waits
    index/vNNNN/     immutable index versions
    vectors.cache/   vectors by content, kept across versions
    rejects/         rows that were not taken, with line numbers and reasons
    schema.toml      the schema in force, to read and to copy from
    writer.lock      held by the one process that may ingest; writer.json says who that is

The writer lock is for ingest, which changes items and index. Turns and events of a running
service are single transactions that SQLite orders by itself. Inside the one process ``changing``
is held by whoever changes items and index, or erases a person.
"""

from __future__ import annotations

import logging
import threading
from contextlib import AbstractContextManager
from pathlib import Path

from retrieval.errors import StorageFull, WorkspaceError, WorkspaceMissing
from retrieval.kinds import DEFAULT_KINDS, EventKinds
from retrieval.storage import settings
from retrieval.storage.catalogue import Catalogue
from retrieval.storage.changes import Changes
from retrieval.storage.codec import kinds_of, schema_of
from retrieval.storage.database import Database
from retrieval.storage.deliveries import Deliveries
from retrieval.storage.events import EventLog
from retrieval.storage.keys import KeyStore
from retrieval.storage.lock import WriterLock
from retrieval.storage.personal import Personal
from retrieval.storage.sessions import SessionStore
from retrieval.storage.versions import Versions
from retrieval.types import Schema

log = logging.getLogger(__name__)

DATABASE = "palate.db"


class Workspace:
    """An open workspace; a context manager that closes it. Made by :meth:`open`."""

    def __init__(self, home: Path, db: Database, lock: WriterLock | None) -> None:
        self.home = home
        self.db = db
        self.catalogue = Catalogue(db)
        self.changes = Changes(db)
        self.events = EventLog(db)
        self.sessions = SessionStore(db)
        self.versions = Versions(home, db)
        self.keys = KeyStore(db)
        self.deliveries = Deliveries(db)
        # An ingest and an erasure in one process take turns: an index that is being learnt from
        # events must not outlive their erasure.
        self.changing = threading.Lock()
        self.personal = Personal(home, db, self.versions, self.changing)
        self._lock = lock

    @classmethod
    def open(cls, home: Path, *, write: bool = False, command: str = "") -> Workspace:
        """Open the workspace at ``home``.

        With ``write`` it is made when it is not there, and this process becomes its one writer:
        WorkspaceBusy, with the owner's pid and command, when another is. Without it,
        WorkspaceMissing when nothing has been ingested. WorkspaceError when the folder cannot be
        used or a newer program made it.
        """
        if not write:
            if not (home / DATABASE).is_file():
                raise WorkspaceMissing(_missing(home))
            db = Database(home / DATABASE)
            with db.reading() as connection:
                filled = settings.number(connection, settings.ACTIVE)
            if not filled:
                db.close()
                raise WorkspaceMissing(_missing(home))
            return cls(home, db, None)
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise WorkspaceError(f"{home} cannot be made: {e.strerror or e}") from e
        lock = WriterLock(home, command)
        try:
            workspace = cls(home, Database(home / DATABASE), lock)
            try:
                workspace.personal.resume()
            except StorageFull as error:  # it goes on at the next start; others can be answered
                log.warning("erasure_waits", extra={"error": str(error)})
        except BaseException:
            lock.close()
            raise
        return workspace

    @property
    def writable(self) -> bool:
        """Whether this process is the workspace's writer."""
        return self._lock is not None

    def schema(self) -> Schema:
        """The schema in force, derived numbers included. WorkspaceMissing before an ingest."""
        with self.db.reading() as connection:
            text = settings.get(connection, settings.SCHEMA)
        if text is None:
            raise WorkspaceMissing(_missing(self.home))
        return schema_of(text)

    def kinds(self) -> EventKinds:
        """The kinds of events in force, and the rating scale; the defaults before an ingest."""
        with self.db.reading() as connection:
            text = settings.get(connection, settings.KINDS)
        return DEFAULT_KINDS if text is None else kinds_of(text)

    def snapshot(self) -> AbstractContextManager[None]:
        """Inside, items, events, schema and active version are read from one and the same state."""
        return self.db.snapshot()

    def close(self) -> None:
        """Close the database and give the writer back. Closing twice does no harm."""
        self.db.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _missing(home: Path) -> str:
    return f"there is no workspace at {home}: run palate ingest --catalog FILE --home {home}"
