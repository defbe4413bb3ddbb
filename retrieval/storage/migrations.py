"""Ordered, named, recorded changes of the database. A released one is never edited.

A new change is a new function at the end of :data:`MIGRATIONS`. All that are missing run in one
transaction, so a killed process leaves either none of them or all.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from retrieval.errors import WorkspaceError

NO_VALUE = "-1e308"
"""Stands for a missing value or time in the natural key of an event; no real number is that low."""


def m0001_first(connection: Connection) -> None:
    """Items, events, sessions, turns, index versions and settings."""
    for statement in (
        """CREATE TABLE items (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL,
            available INTEGER NOT NULL, retired INTEGER NOT NULL, digest BLOB NOT NULL,
            mean_rating REAL, n_ratings INTEGER NOT NULL DEFAULT 0,
            n_events INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID""",
        """CREATE TABLE events (
            seq INTEGER PRIMARY KEY, user TEXT NOT NULL, item TEXT NOT NULL, kind TEXT NOT NULL,
            value REAL, time REAL)""",
        f"""CREATE UNIQUE INDEX events_once ON events (
            user, item, kind, coalesce(value, {NO_VALUE}), coalesce(time, {NO_VALUE}))""",
        """CREATE TABLE sessions (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, visitor TEXT NOT NULL,
            created REAL NOT NULL)""",
        "CREATE INDEX sessions_visitor ON sessions (visitor)",
        """CREATE TABLE turns (
            session TEXT NOT NULL REFERENCES sessions (id), seq INTEGER NOT NULL,
            payload TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (session, seq))
            WITHOUT ROWID""",
        """CREATE TABLE versions (
            version INTEGER PRIMARY KEY, generation INTEGER NOT NULL, signature TEXT NOT NULL,
            created REAL NOT NULL)""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ):
        connection.execute(text(statement))


def m0002_memories(connection: Connection) -> None:
    """What is remembered of each visitor."""
    connection.execute(
        text(
            """CREATE TABLE memories (
                visitor TEXT PRIMARY KEY, version INTEGER NOT NULL, payload TEXT NOT NULL,
                written REAL NOT NULL) WITHOUT ROWID"""
        )
    )


def m0003_erasures(connection: Connection) -> None:
    """Erasures that have begun and are not finished."""
    connection.execute(
        text("CREATE TABLE erasures (person TEXT PRIMARY KEY, begun REAL NOT NULL) WITHOUT ROWID")
    )


def m0004_keys(connection: Connection) -> None:
    """Keys of other programs, and the deliveries of events that were answered."""
    for statement in (
        """CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
            reach TEXT NOT NULL, space TEXT NOT NULL, visitor TEXT, created REAL NOT NULL,
            revoked REAL) WITHOUT ROWID""",
        """CREATE TABLE deliveries (
            space TEXT NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL, answer TEXT NOT NULL,
            at REAL NOT NULL, PRIMARY KEY (space, name)) WITHOUT ROWID""",
    ):
        connection.execute(text(statement))


def m0005_changes(connection: Connection) -> None:
    """Items that were sent one by one and wait for the next index version."""
    connection.execute(
        text(
            """CREATE TABLE changes (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, item TEXT NOT NULL UNIQUE,
                title TEXT, body TEXT, available INTEGER, digest BLOB)"""
        )
    )


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    m0001_first,
    m0002_memories,
    m0003_erasures,
    m0004_keys,
    m0005_changes,
)


def migrate(connection: Connection) -> None:
    """Run what is missing, inside the caller's transaction.

    WorkspaceError when the database records a migration that this program does not know: a newer
    program made it.
    """
    connection.execute(
        text(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(name TEXT PRIMARY KEY, applied REAL NOT NULL) WITHOUT ROWID"
        )
    )
    done = {row.name for row in connection.execute(text("SELECT name FROM migrations"))}
    newer = done - {m.__name__ for m in MIGRATIONS}
    if newer:
        raise WorkspaceError(
            f"the workspace was made by a newer version ({', '.join(sorted(newer))}); upgrade"
        )
    for migration in MIGRATIONS:
        if migration.__name__ not in done:
            migration(connection)
            connection.execute(
                text("INSERT INTO migrations VALUES (:name, :applied)"),
                {"name": migration.__name__, "applied": time.time()},
            )


def is_current(connection: Connection) -> bool:
    """Whether the database has every migration that this program knows, and no other."""
    table = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
    if not connection.execute(text(table)).scalar_one():
        return False
    done = {row.name for row in connection.execute(text("SELECT name FROM migrations"))}
    return done == {m.__name__ for m in MIGRATIONS}
