"""Index versions: immutable folders ``index/vNNNN``, one of them active.

Which one is active is a row of the database, so that items, events and index change together. A
folder without a row is what a killed build left behind.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from retrieval.errors import StoreError, WorkspaceError
from retrieval.manifest import Manifest, read_manifest
from retrieval.storage import settings
from retrieval.storage.database import Database
from retrieval.storage.tables import versions

KEPT = 2
"""Versions that stay on disk at the least: the active one and the one that was before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version on disk. ``created`` is in Unix seconds, ``size`` in bytes.

    ``manifest`` is None for a version that this release does not read.
    """

    number: int
    created: float
    active: bool
    size: int
    manifest: Manifest | None


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

    def all(self) -> list[Version]:
        """Every version that is on disk, the oldest first."""
        with self._db.reading() as connection:
            active = settings.number(connection, settings.ACTIVE)
            rows = connection.execute(select(versions).order_by(versions.c.version)).all()
        return [
            Version(
                number=row.version,
                created=row.created,
                active=row.version == active,
                size=sum(f.stat().st_size for f in path.rglob("*") if f.is_file()),
                manifest=_manifest(path),
            )
            for row in rows
            if (path := self.path(row.version)).is_dir()
        ]

    def new(self) -> tuple[int, Path]:
        """The next version and its fresh, empty folder. Only the owner of the writer calls this."""
        self.sweep()
        with self._db.reading() as connection:
            version = settings.number(connection, settings.LAST_VERSION) + 1
        path = self.path(version)
        path.mkdir(parents=True)
        return version, path

    def stale(self) -> bool:
        """Whether the active version was learnt from events that were erased since."""
        with self._db.reading() as connection:
            active = settings.number(connection, settings.ACTIVE)
            created = connection.execute(
                select(versions.c.created).where(versions.c.version == active)
            ).scalar_one_or_none()
            erased = float(settings.get(connection, settings.ERASED) or 0.0)
        return created is not None and created <= erased

    def only_active(self) -> None:
        """Let go of every version but the active one."""
        with self._db.writing() as connection:
            active = settings.number(connection, settings.ACTIVE)
            connection.execute(delete(versions).where(versions.c.version != active))
        self.sweep()

    def sweep(self) -> None:
        """Remove folders without a row: leftovers of killed builds and versions let go."""
        if not self._folder.is_dir():
            return
        kept = {self.path(v).name for v in self.kept()}
        for path in self._folder.iterdir():
            if path.name not in kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def rollback(self, to: int | None = None) -> int:
        """Make a version active again, by default the newest before the active one, and name it.

        WorkspaceError when there is none that this release reads. Items and events stay as they
        are; the next ingest builds anew.
        """
        with self._db.writing() as connection:
            current = settings.number(connection, settings.ACTIVE)
            recorded = connection.execute(select(versions.c.version)).scalars()
            sound = sorted(v for v in recorded if _manifest(self.path(v)) is not None)
            choice = [v for v in sound if (v < current if to is None else v == to)]
            if not choice:
                wanted = "earlier index version to go back to" if to is None else f"version {to}"
                there = ", ".join(map(str, sound)) or "none"
                raise WorkspaceError(f"there is no {wanted}; versions that can be used: {there}")
            version = int(choice[-1])
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


def activate(
    connection: Connection, version: int, generation: int, signature: str, *, keep: int = KEPT
) -> None:
    """Record a built version and put it in force, inside the caller's transaction.

    Of the others ``keep - 1`` stay recorded: the one that was in force until now, and the newest.
    """
    before = settings.number(connection, settings.ACTIVE)
    row = {
        "version": version,
        "generation": generation,
        "signature": signature,
        "created": time.time(),
    }
    connection.execute(insert(versions).values(row))
    settings.put(connection, settings.ACTIVE, str(version))
    settings.put(connection, settings.LAST_VERSION, str(version))
    recorded = connection.execute(select(versions.c.version)).scalars()
    erased = float(settings.get(connection, settings.ERASED) or 0.0)
    trained = versions.c.created <= erased  # on events that were erased since
    connection.execute(delete(versions).where(trained, versions.c.version != version))
    by_worth = sorted(recorded, key=lambda v: (v == version, v == before, v), reverse=True)
    gone = by_worth[max(keep, KEPT) :]
    connection.execute(delete(versions).where(versions.c.version.in_(gone)))


def _manifest(path: Path) -> Manifest | None:
    try:
        return read_manifest(path)
    except StoreError:
        return None
