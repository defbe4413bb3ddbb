"""Index versions: immutable folders ``index/vNNNN``, one of them active.

Which one is active is a row of the database, so that items, events and index change together. A
folder without a row is what a killed build left behind.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from retrieval.errors import WorkspaceError
from retrieval.storage import settings
from retrieval.storage.database import Database
from retrieval.storage.tables import versions

KEPT = 2
"""Versions that stay on disk: the active one and the one before it, to roll back to."""


class Versions:
    """The versions under ``home/index``."""

    def __init__(self, home: Path, db: Database) -> None:
        self._folder = home / "index"
        self._db = db

    def active(self) -> int | None:
        """The version in force; None when nothing was ever built."""
        with self._db.reading() as connection:
            return settings.number(connection, settings.ACTIVE) or None

    def path(self, version: int) -> Path:
        """Where a version lies, whether it exists or not."""
        return self._folder / f"v{version:04d}"

    def in_force(self) -> Path | None:
        """The folder of the active version; None when there is no version, or it was removed."""
        active = self.active()
        path = self.path(active) if active is not None else None
        return path if path is not None and path.is_dir() else None

    def kept(self) -> list[int]:
        """The versions that are recorded, the oldest first."""
        with self._db.reading() as connection:
            query = select(versions.c.version).order_by(versions.c.version)
            return list(connection.execute(query).scalars())

    def new(self) -> tuple[int, Path]:
        """The next version and its fresh, empty folder. Only the owner of the writer calls this."""
        self.sweep()
        with self._db.reading() as connection:
            version = settings.number(connection, settings.LAST_VERSION) + 1
        path = self.path(version)
        path.mkdir(parents=True)
        return version, path

    def sweep(self) -> None:
        """Remove folders without a row: leftovers of killed builds and versions let go."""
        if not self._folder.is_dir():
            return
        kept = {self.path(v).name for v in self.kept()}
        for path in self._folder.iterdir():
            if path.name not in kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def rollback(self) -> int:
        """Make the version before the active one active again, and say which that is.

        WorkspaceError when there is none. Items and events stay as they are; the next ingest
        builds anew.
        """
        with self._db.writing() as connection:
            current = settings.number(connection, settings.ACTIVE)
            query = select(versions.c.version).where(versions.c.version < current)
            earlier = [v for v in connection.execute(query).scalars() if self.path(v).is_dir()]
            if not earlier:
                raise WorkspaceError("there is no earlier index version to go back to")
            version = int(max(earlier))
            settings.put(connection, settings.ACTIVE, str(version))
        return version

    def current(self, signature: str) -> bool:
        """Whether the active index was built from the present content in this way, and is there."""
        with self._db.reading() as connection:
            active = settings.number(connection, settings.ACTIVE)
            row = connection.execute(
                select(versions).where(versions.c.version == active)
            ).one_or_none()
            generation = settings.number(connection, settings.GENERATION)
        return (
            row is not None
            and row.generation == generation
            and row.signature == signature
            and self.path(active).is_dir()
        )


def activate(connection: Connection, version: int, generation: int, signature: str) -> None:
    """Record a built version and put it in force, inside the caller's transaction."""
    row = {
        "version": version,
        "generation": generation,
        "signature": signature,
        "created": time.time(),
    }
    connection.execute(insert(versions).values(row))
    settings.put(connection, settings.ACTIVE, str(version))
    settings.put(connection, settings.LAST_VERSION, str(version))
    recorded = list(connection.execute(select(versions.c.version)).scalars())
    gone = sorted(recorded)[:-KEPT]
    connection.execute(delete(versions).where(versions.c.version.in_(gone)))
