"""One SQLite database in WAL mode: short transactions, whole snapshots, no half-written state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from retrieval.errors import StorageFull, WorkspaceBusy, WorkspaceError
from retrieval.storage.migrations import is_current, migrate
from retrieval.storage.room import full, is_full, writing_in

BUSY_SECONDS = 30
"""How long a statement waits for another process's transaction before it gives up."""


class Database:
    """Connections to ``path``, which is made and migrated when needed.

    Transactions begin where they are opened and not at the first write, so what one of them reads
    is one state. Safe to use from several threads; a process that forks opens its own. What cannot
    be written raises StorageFull, wherever the disk said so, and leaves nothing of its transaction.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            hide_parameters=True,  # an error names no person
        )
        self._snapshot: ContextVar[Connection | None] = ContextVar("snapshot", default=None)
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        told_by(self._engine, path.parent)
        try:
            with self.reading() as connection:
                current = is_current(connection)
            if not current:
                with self.writing() as connection:
                    migrate(connection)
        except StorageFull:
            self.close()
            raise
        except DatabaseError as e:
            self.close()
            raise WorkspaceError(f"{path} cannot be used as a database: {e.orig}") from e

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state; inside :meth:`snapshot`, that of the snapshot."""
        held = self._snapshot.get()
        if held is not None:
            yield held
            return
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read inside, through whatever object, is the state at its first read."""
        if self._snapshot.get() is not None:
            yield
            return
        with self._engine.connect() as connection:
            token = self._snapshot.set(connection)
            try:
                yield
            finally:
                self._snapshot.reset(token)

    @contextmanager
    def writing(self, *, attached: Path | None = None) -> Iterator[Connection]:
        """A transaction that is the only writer from its start; all of it is kept, or nothing.

        ``attached`` is a second database, readable in SQL as ``stage``. WorkspaceBusy when
        another process keeps writing for :data:`BUSY_SECONDS`.
        """
        with self._engine.connect() as connection:
            connection = connection.execution_options(palate_write=True)
            with _attached(connection, attached):
                try:
                    with connection.begin():
                        yield connection
                except OperationalError as e:
                    if "locked" in str(e.orig) or "busy" in str(e.orig):
                        raise WorkspaceBusy(
                            f"{self.path} is being written by another process; try again"
                        ) from e
                    raise

    @contextmanager
    def comparing(self, stage: Path) -> Iterator[Connection]:
        """A connection without a transaction of its own that sees ``stage`` beside the tables."""
        with self._engine.connect() as connection, _attached(connection, stage):
            try:
                yield connection
            finally:
                connection.rollback()

    def scrub(self, *, rewrite: bool = True) -> None:
        """Leave no byte of what was deleted: rewrite the file, and empty the log beside it.

        Without ``rewrite`` only the log is emptied, which is enough for what was deleted under
        this connection's settings. Needs the database to itself; WorkspaceBusy when it is in use.
        """
        with self._engine.connect() as connection, writing_in(self.path.parent):
            raw = connection.connection.cursor()
            try:
                if rewrite:
                    raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                row = raw.fetchone()
            except sqlite3.OperationalError as e:
                if is_full(e):
                    raise
                raise WorkspaceBusy(f"{self.path} is in use: {e}; try again") from e
            finally:
                raw.close()
        if row is None or row[0]:
            raise WorkspaceBusy(f"{self.path} is being read by another process; try again")

    def close(self) -> None:
        """Give back every connection; the object is of no more use."""
        self._engine.dispose()


def told_by(engine: Engine, home: Path) -> None:
    """Have what a database in ``home`` cannot write raise StorageFull, from the connection on to
    the commit."""

    def named(context: ExceptionContext) -> StorageFull | None:
        error = context.original_exception
        return full(home, error) if is_full(error) else None

    event.listen(engine, "handle_error", named)


@contextmanager
def _attached(connection: Connection, path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    raw = connection.connection.cursor()
    raw.execute("ATTACH DATABASE ? AS stage", (str(path),))
    raw.close()
    try:
        yield
    finally:
        # A connection that has seen the stage is closed for good: it may still hold statements.
        connection.invalidate()


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Leave transactions to us, and set what SQLite keeps per connection."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


def _begin(connection: Connection) -> None:
    """BEGIN ourselves: IMMEDIATE for writers, which then never fail half-way for want of a lock."""
    write = connection.get_execution_options().get("palate_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
