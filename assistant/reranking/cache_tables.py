"""The tables of the cache's file, and what SQLite's errors say about it."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3

KIND = 0x50524B31
"""SQLite's application id of these files; a change of the tables takes another one."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS rank_facts (name TEXT PRIMARY KEY, value BLOB)",
    "CREATE TABLE IF NOT EXISTS rank_entries"
    " (who BLOB, what BLOB, made REAL, seal BLOB, text BLOB, PRIMARY KEY (who, what))",
    "CREATE INDEX IF NOT EXISTS rank_entries_by_age ON rank_entries (made)",
    f"PRAGMA application_id = {KIND}",
)

SECRET = 32
"""Bytes of the secret; its checksum follows it."""

FAILURES = (sqlite3.Error, OSError, UnicodeError)
"""What using a file may raise. The last: SQLite quotes a damaged file in its messages."""


class Damaged(sqlite3.DatabaseError):
    """The file is not as a file of ours is, though SQLite itself did not complain."""


class NotOurs(Exception):
    """The file is a sound database, but of another program."""


def prepared(db: sqlite3.Connection) -> bytes:
    """Make the tables where there are none yet; the file's secret.

    Raises :class:`NotOurs`, and what SQLite raises.
    """
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA temp_store = MEMORY")
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}  # first: see below
    if db.execute("PRAGMA application_id").fetchall() != [(KIND,)]:
        # Tables and id appear together, so tables without the id belong to someone else.
        if {"rank_facts", "rank_entries"} <= tables:
            raise Damaged("the file has lost its id")
        if tables:
            raise NotOurs("a database of another program: nothing is kept there")
        db.execute("PRAGMA journal_mode = WAL").fetchall()
        db.execute("BEGIN IMMEDIATE")
        with db:
            for statement in TABLES:
                db.execute(statement)
            new = secrets.token_bytes(SECRET)
            facts = [("secret", new + _sum(new)), ("epoch", secrets.token_bytes(8))]
            db.executemany("INSERT OR IGNORE INTO rank_facts VALUES (?, ?)", facts)
    db.execute("PRAGMA synchronous = NORMAL")
    held = fact(db, "secret") or b""
    secret = held[:SECRET]
    if len(secret) != SECRET or held[SECRET:] != _sum(secret):
        # With another secret nothing would be found, and nothing erased.
        raise Damaged("the file has lost its secret")
    return secret


def _sum(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def fact(db: sqlite3.Connection, name: str) -> bytes | None:
    """What the file says of itself under a name: its secret, or the epoch of its last erasure."""
    rows = db.execute("SELECT value FROM rank_facts WHERE name = ?", (name,)).fetchall()
    return rows[0][0] if rows and isinstance(rows[0][0], bytes) else None


def is_busy(error: Exception) -> bool:
    """Whether another process holds the file."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_damage(error: Exception) -> bool:
    """Whether the file's content is to blame, so that only a new one helps."""
    damage = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    return isinstance(error, Damaged | UnicodeError) or _code(error) in damage


def _code(error: Exception) -> int:
    """SQLite's primary result code; -1 for what is not SQLite's."""
    extended = getattr(error, "sqlite_errorcode", None)
    return extended & 0xFF if isinstance(extended, int) else -1
