"""What it means that something could not be written: the disk is full, or takes nothing more.

SQLite, the file system and numpy each say it in their own way; here it is one error.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import StorageFull

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNWRITTEN = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,  # a quota, or a bound on the size of files
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMOPEN,  # no room for what connections share
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk took no more of what was written."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) in UNWRITTEN
    if not isinstance(error, OSError):
        return False
    # numpy tells of an array that was cut short by its numbers alone.
    cut_short = error.errno is None and str(error).endswith("written")
    return error.errno in NO_ROOM or cut_short


def full(home: Path, error: BaseException) -> StorageFull:
    """The named error, for whoever runs the service: it names the folder."""
    return StorageFull(
        f"nothing more can be written in {home}: {error}. Make room on its disk and try again; "
        "what was acknowledged is kept"
    )


@contextmanager
def writing_in(home: Path) -> Iterator[None]:
    """Inside, what says that the disk is full is StorageFull; other errors pass."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if not is_full(error):
            raise
        raise full(home, error) from error
