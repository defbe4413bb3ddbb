"""The cache's file: one SQLite database that processes share and that may be lost at any time.

It holds no key and no user as such, only digests under a random secret of its own. What is deleted
is overwritten. Reading and writing raise nothing; removing says when it did not succeed.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import sqlite3
import struct
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assistant.errors import ErasureFailed
from assistant.reranking.cache_tables import (
    FAILURES,
    Damaged,
    NotOurs,
    fact,
    is_busy,
    is_damage,
    prepared,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ROWS = 100_000
"""Entries a file keeps, the newest."""

BUSY, PATIENT = 1000, 10_000
"""Milliseconds to wait for another process: as a rule, and to remove."""

PAUSE = 30.0
"""Seconds for which a file that failed is left alone, so that a ranking does not wait for it."""

INHERITED: list[sqlite3.Connection] = []
"""Connections of the parent process after a fork: neither used nor closed, as SQLite demands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as JSON, and when it was made (seconds since 1970)."""

    made: float
    text: bytes


class CacheFile:
    """Entries by key and user. Not safe across threads; the cache in front of it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._aside = path.with_name(path.name + ".damaged")
        self._db: sqlite3.Connection | None = None
        self._process = self._inode = 0
        self._secret = b""
        self._resume = 0.0

    def read(self, key: str, user: str) -> Entry | None:
        """The entry; None when there is none, or not as it was written."""

        def work(db: sqlite3.Connection) -> Entry | None:
            who, what = self._digests(key, user)
            rows = db.execute(
                "SELECT made, seal, text FROM rank_entries WHERE who = ? AND what = ?", (who, what)
            ).fetchall()
            for made, seal, text in rows:
                if isinstance(made, float) and isinstance(text, bytes):
                    entry = Entry(made, text)
                    if seal == self._seal(who, what, entry):
                        return entry
            return None

        return self._safely(work, None)

    def write(self, key: str, user: str, entry: Entry) -> None:
        """Keep an entry in the place of the one before."""

        def work(db: sqlite3.Connection) -> None:
            who, what = self._digests(key, user)
            row = (who, what, entry.made, self._seal(who, what, entry), entry.text)
            db.execute("INSERT OR REPLACE INTO rank_entries VALUES (?, ?, ?, ?, ?)", row)

        self._safely(work, None)

    def drop(self, key: str, user: str) -> None:
        """Remove one entry."""

        def work(db: sqlite3.Connection) -> None:
            at = self._digests(key, user)
            db.execute("DELETE FROM rank_entries WHERE who = ? AND what = ?", at)

        self._safely(work, None)

    def sweep(self, low: float, high: float) -> None:
        """Remove what was made before ``low`` or from ``high`` on, and the oldest of too many."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM rank_entries WHERE made < ? OR made >= ?", (low, high))
            db.execute(
                "DELETE FROM rank_entries WHERE made <"
                " (SELECT made FROM rank_entries ORDER BY made DESC LIMIT 1 OFFSET ?)",
                (MAX_ROWS - 1,),
            )

        self._safely(work, None)

    def epoch(self) -> bytes | None:
        """Changes with every erasure, by whichever process; None when the file cannot tell."""
        return self._safely(lambda db: fact(db, "epoch"), None)

    def erase(self, user: str, keys: Collection[str]) -> int:
        """Remove a user's entries and their bytes; how many there were, those ``keys`` included,
        which the caller has removed itself. Raises ErasureFailed.
        """

        def work(db: sqlite3.Connection) -> int:
            who = self._digest("user", user)
            rows = db.execute("SELECT what FROM rank_entries WHERE who = ?", (who,)).fetchall()
            db.execute("DELETE FROM rank_entries WHERE who = ?", (who,))
            return len({what for (what,) in rows} | {self._digest("key", key) for key in keys})

        return self._remove(work, len(keys))

    def clear(self) -> None:
        """Remove all entries and their bytes. Raises ErasureFailed."""

        def work(db: sqlite3.Connection) -> int:
            return db.execute("DELETE FROM rank_entries").rowcount

        self._remove(work, 0)

    def close(self) -> None:
        """Let go of the file; a later use opens it again."""
        db, self._db = self._db, None
        if db is None:
            return
        if self._process != os.getpid():
            INHERITED.append(db)
            return
        with suppress(sqlite3.Error):
            db.close()

    def _safely(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What the work gives, or ``otherwise`` where the file cannot be used."""
        if time.monotonic() < self._resume:
            return otherwise
        for _ in range(2):
            try:
                return work(self._connection())
            except (*FAILURES, NotOurs) as error:
                if not self._mended(error):
                    break
        return otherwise

    def _remove(self, work: Callable[[sqlite3.Connection], int], otherwise: int) -> int:
        """Delete in one transaction, then see that no byte of it stays behind."""
        for _ in range(2):
            try:
                removed = otherwise
                if self._path.exists():
                    removed = self._deleted(self._connection(), work)
                with suppress(FileNotFoundError, NotADirectoryError):
                    self._aside.unlink()
                return removed
            except NotOurs:
                return otherwise  # nothing of ours is in there
            except FAILURES as error:
                if not self._mended(error):
                    raise ErasureFailed(
                        f'"{self._path}" could not be cleaned ({type(error).__name__}: {error}); '
                        "erase again"
                    ) from None
        raise ErasureFailed(f'"{self._path}" is damaged again and again: erase again')

    def _deleted(self, db: sqlite3.Connection, work: Callable[[sqlite3.Connection], int]) -> int:
        db.execute(f"PRAGMA busy_timeout = {PATIENT}")
        try:
            db.execute("BEGIN IMMEDIATE")
            with db:  # commits
                # A damaged index hides rows: what it does not name would stay.
                if db.execute("PRAGMA integrity_check(1)").fetchall() != [("ok",)]:
                    raise Damaged("rows and indexes differ")
                removed = work(db)
                new = ("epoch", secrets.token_bytes(8))
                db.execute("INSERT OR REPLACE INTO rank_facts VALUES (?, ?)", new)
            # What was deleted may still stand in the log, which this empties.
            ((busy, _, _),) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            db.execute(f"PRAGMA busy_timeout = {BUSY}")
        if busy:
            raise ErasureFailed(f'another process reads "{self._path}": erase again')
        return removed

    def _connection(self) -> sqlite3.Connection:
        if self._db is not None and (self._process != os.getpid() or self._is_moved()):
            self.close()
        if self._db is None:
            self._db = self._opened()
            self._process = os.getpid()
        return self._db

    def _opened(self) -> sqlite3.Connection:
        ends = time.monotonic() + BUSY / 1000
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > ends:
                    raise
            time.sleep(0.01)  # others are creating the file: SQLite does not wait by itself there

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # made here, as SQLite would let everyone read it
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._inode = self._path.stat().st_ino
        db = sqlite3.connect(
            self._path, timeout=BUSY / 1000, isolation_level=None, check_same_thread=False
        )
        try:
            self._secret = prepared(db)
        except BaseException:
            db.close()
            raise
        return db

    def _mended(self, error: Exception) -> bool:
        """Whether trying again may help: the file was damaged, and is out of the way now."""
        log.warning("cache.failed: path=%s error=%s: %s", self._path, type(error).__name__, error)
        if self._db is not None and is_busy(error):
            return False  # sound, and others get on with it
        self.close()
        try:
            if is_damage(error) and self._set_aside():
                return True
        except OSError as obstacle:
            log.warning("cache.failed: path=%s error=%s", self._path, obstacle)
        pause = float("inf") if isinstance(error, NotOurs) else PAUSE
        self._resume = time.monotonic() + pause
        return False

    def _set_aside(self) -> bool:
        if self._is_moved():
            return True  # another process was quicker
        for ending in ("-wal", "-shm", "-journal"):  # or the new file would be mixed with them
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        os.replace(self._path, self._aside)
        log.warning("cache.damaged: path=%s aside=%s", self._path, self._aside)
        return True

    def _is_moved(self) -> bool:
        """Whether the path names another file by now, or none: it was set aside, or deleted."""
        try:
            return os.stat(self._path).st_ino != self._inode
        except FileNotFoundError:
            return True

    def _digests(self, key: str, user: str) -> tuple[bytes, bytes]:
        return self._digest("user", user), self._digest("key", key)

    def _digest(self, kind: str, text: str) -> bytes:
        said = f"{kind}:{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, said, "sha256")

    def _seal(self, who: bytes, what: bytes, entry: Entry) -> bytes:
        """Proves that a row is as it was written: a damaged index may lead to another's row."""
        said = who + what + struct.pack("<d", entry.made) + entry.text
        return hmac.digest(self._secret, said, "sha256")
