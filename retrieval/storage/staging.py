"""Where an ingest prepares everything before anything becomes visible.

A second SQLite file under ``home/staging`` takes the rows as they are read. It is compared with
the workspace, the index is built from what would be, and then :meth:`Staging.commit` moves it all
over in one transaction. A killed ingest leaves the folder behind; the next one begins by removing
it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

from retrieval.storage.codec import body_of, digest_of, item_of
from retrieval.storage.database import Database, told_by
from retrieval.storage.migrations import NO_VALUE
from retrieval.types import Event, Item, ItemId, UserId

FOLDER = "staging"
_BATCH = 2000

_TABLES = (
    "CREATE TABLE raw (line INTEGER, record INTEGER, body BLOB)",
    """CREATE TABLE items (id TEXT PRIMARY KEY, title TEXT, body TEXT, available INTEGER,
       digest BLOB) WITHOUT ROWID""",
    """CREATE TABLE events (record INTEGER PRIMARY KEY, line INTEGER, user TEXT, item TEXT,
       kind TEXT, value REAL, time REAL)""",
    f"""CREATE UNIQUE INDEX staged_once ON events (
       user, item, kind, coalesce(value, {NO_VALUE}), coalesce(time, {NO_VALUE}))""",
    """CREATE TABLE numbers (item TEXT PRIMARY KEY, mean_rating REAL, n_ratings INTEGER,
       n_events INTEGER) WITHOUT ROWID""",
)

StagedEvent = tuple[int, int, str, str, str, float | None, float | None]
"""record, line, user, item, kind, value, time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the staged rows would change."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    new_events: int = 0
    known_events: int = 0

    def any(self) -> bool:
        """Whether items or events would change at all."""
        return bool(self.new or self.changed or self.gone or self.new_events)


class Staging:
    """The staging file of one ingest; a context manager that removes it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / FOLDER
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.path = self.folder / "stage.db"
        self._engine = create_engine(URL.create("sqlite", database=str(self.path)))
        event.listen(self._engine, "connect", _careless)
        told_by(self._engine, home)
        with self._engine.begin() as connection:
            for table in _TABLES:
                connection.exec_driver_sql(table)

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add_raw(self, rows: Iterable[tuple[int, int, bytes]]) -> None:
        """Keep flattened rows as (line, record, JSON) until the schema is known."""
        self._many("INSERT INTO raw VALUES (?, ?, ?)", rows)

    def raw(self) -> Iterator[tuple[int, int, bytes]]:
        """The rows of :meth:`add_raw`, in their order."""
        with self._engine.connect() as connection:
            query = "SELECT line, record, body FROM raw ORDER BY rowid"
            for row in connection.exec_driver_sql(query).yield_per(500):
                yield row.line, row.record, row.body

    def add_items(self, made: Iterable[Item]) -> None:
        """Stage items; their ids differ."""

        def rows() -> Iterator[tuple[object, ...]]:
            for item in made:
                yield item.id, item.title, body_of(item), item.available, digest_of(item)

        self._many("INSERT INTO items VALUES (?, ?, ?, ?, ?)", rows())

    def add_events(self, rows: Iterable[StagedEvent]) -> int:
        """Stage events; how many were not there yet. Of equal events the first one stays."""
        return self._many("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def ratings(self, stars: Sequence[str]) -> list[tuple[float, int]]:
        """The different values of events of these kinds and how often each occurs, rising."""
        query = (
            f"SELECT value, count(*) FROM events WHERE kind IN ({_marks(stars)}) "
            "AND value IS NOT NULL GROUP BY value ORDER BY value"
        )
        with self._engine.connect() as connection:
            return [(v, n) for v, n in connection.exec_driver_sql(query, tuple(stars))]

    def take_out(self, stars: Sequence[str], low: float, high: float) -> list[StagedEvent]:
        """Remove the ratings outside the scale and return them, in file order."""
        where = f"WHERE kind IN ({_marks(stars)}) AND (value < ? OR value > ?)"
        bounds = (*stars, low, high)
        columns = "record, line, user, item, kind, value, time"
        with self._engine.begin() as connection:
            query = f"SELECT {columns} FROM events {where} ORDER BY record"
            found = connection.exec_driver_sql(query, bounds).all()
            connection.exec_driver_sql(f"DELETE FROM events {where}", bounds)
        return [(r[0], r[1], r[2], r[3], r[4], r[5], r[6]) for r in found]

    def _many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> int:
        batch: list[tuple[object, ...]] = []
        with self._engine.begin() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            for row in rows:
                batch.append(row)
                if len(batch) >= _BATCH:
                    connection.exec_driver_sql(statement, batch)
                    batch = []
            if batch:
                connection.exec_driver_sql(statement, batch)
            after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        return int(after) - int(before)


def carry_over(connection: Connection, last: int) -> int:
    """Stage the catalogue as the changes up to that number leave it; how many there are.

    ``connection`` comes from :meth:`Database.comparing`.
    """
    columns = "SELECT {0} id, title, body, available, digest FROM main.{1} WHERE"
    changed = f"{columns.format('item AS', 'changes')} title IS NOT NULL AND seq <= ?"
    kept = (
        f"{columns.format('', 'items')} NOT retired AND id NOT IN "
        "(SELECT item FROM main.changes WHERE seq <= ?)"
    )
    connection.exec_driver_sql(f"INSERT INTO stage.items {kept} UNION ALL {changed}", (last, last))
    number = connection.exec_driver_sql(
        "SELECT count(*) FROM main.changes WHERE seq <= ?", (last,)
    ).scalar_one()
    connection.commit()
    return int(number)


def compare(
    connection: Connection, *, catalog: bool, prune: bool, stars: Sequence[str]
) -> Difference:
    """What the staged rows would change; staged events that are known already are dropped.

    Afterwards ``stage.numbers`` holds the derived numbers of every item that has events.
    ``connection`` comes from :meth:`Database.comparing`.
    """

    def one(query: str) -> int:
        return int(connection.exec_driver_sql(query).scalar_one())

    new = changed = staged = gone = 0
    if catalog:
        staged = one("SELECT count(*) FROM stage.items")
        old = "stage.items s JOIN main.items i ON i.id = s.id"
        changed = one(f"SELECT count(*) FROM {old} WHERE i.digest <> s.digest OR i.retired")
        new = staged - one(f"SELECT count(*) FROM {old}")
        shown = "" if prune else "NOT retired AND "
        gone = one(
            f"SELECT count(*) FROM main.items WHERE {shown}id NOT IN (SELECT id FROM stage.items)"
        )
    known = connection.exec_driver_sql(
        "DELETE FROM stage.events WHERE EXISTS (SELECT 1 FROM main.events e "
        "WHERE e.user = stage.events.user AND e.item = stage.events.item "
        "AND e.kind = stage.events.kind "
        f"AND coalesce(e.value, {NO_VALUE}) = coalesce(stage.events.value, {NO_VALUE}) "
        f"AND coalesce(e.time, {NO_VALUE}) = coalesce(stage.events.time, {NO_VALUE}))"
    ).rowcount
    fresh = one("SELECT count(*) FROM stage.events")
    rated = f"kind IN ({_marks(stars)}) AND value IS NOT NULL"
    connection.exec_driver_sql(
        "INSERT INTO stage.numbers SELECT item, "
        f"avg(CASE WHEN {rated} THEN value END), sum({rated}), count(*) "
        "FROM (SELECT item, kind, value FROM main.events "
        "UNION ALL SELECT item, kind, value FROM stage.events) GROUP BY item",
        (*stars, *stars),
    )
    connection.commit()
    return Difference(
        new=new,
        changed=changed,
        unchanged=staged - new - changed,
        gone=gone,
        new_events=fresh,
        known_events=known,
    )


_AFTER = {
    True: "stage.items i LEFT JOIN stage.numbers n ON n.item = i.id",
    False: "main.items i LEFT JOIN stage.numbers n ON n.item = i.id WHERE NOT i.retired",
}


def coverage_after(connection: Connection, *, catalog: bool) -> dict[str, float]:
    """The share of items that will have each derived number; empty when there are no events."""
    row = connection.exec_driver_sql(
        "SELECT count(*), sum(coalesce(n.n_ratings, 0) > 0), sum(coalesce(n.n_events, 0) > 0) "
        f"FROM {_AFTER[catalog]}"
    ).one()
    total, rated, used = row[0], row[1] or 0, row[2] or 0
    if not total or not used:
        return {}
    events = {"n_events": 1.0}
    return {"mean_rating": rated / total, "n_ratings": 1.0, **events} if rated else events


def items_after(
    connection: Connection, *, catalog: bool, derived: frozenset[str]
) -> Iterator[Item]:
    """Every item that will be shown, by id, with its derived numbers."""
    query = (
        "SELECT i.id, i.title, i.body, i.available, n.mean_rating AS mean_rating, "
        "coalesce(n.n_ratings, 0) AS n_ratings, coalesce(n.n_events, 0) AS n_events "
        f"FROM {_AFTER[catalog]} ORDER BY i.id"
    )
    for row in connection.exec_driver_sql(query).yield_per(500):
        numbers = (row.mean_rating, row.n_ratings, row.n_events)
        yield item_of(row.id, row.title, row.body, row.available, False, numbers, derived)


def events_after(connection: Connection, *, pruned: bool) -> Iterator[Event]:
    """Every event that there will be: the old ones, then the new ones in file order."""
    kept = "WHERE item IN (SELECT id FROM stage.items)" if pruned else ""
    columns = "user, item, kind, value, time"
    for table, order in (("main.events", "seq"), ("stage.events", "record")):
        query = f"SELECT {columns} FROM {table} {kept} ORDER BY {order}"
        for row in connection.exec_driver_sql(query).yield_per(2000):
            yield Event(
                user=UserId(row.user),
                item=ItemId(row.item),
                kind=row.kind,
                value=row.value,
                time=row.time,
            )


def known_ids(db: Database) -> set[str]:
    """The ids of every item that the workspace holds, retired ones too."""
    with db.reading() as connection:
        return set(connection.exec_driver_sql("SELECT id FROM items").scalars())


def move(connection: Connection, *, catalog: bool, prune: bool) -> None:
    """Put the staged rows in place, inside the writer's transaction with the stage attached."""
    run = connection.exec_driver_sql
    if catalog:
        run(
            "INSERT INTO main.items (id, title, body, available, retired, digest) "
            "SELECT id, title, body, available, 0, digest FROM stage.items WHERE true "
            "ON CONFLICT (id) DO UPDATE SET title = excluded.title, body = excluded.body, "
            "available = excluded.available, retired = 0, digest = excluded.digest "
            "WHERE items.digest <> excluded.digest OR items.retired"
        )
        absent = "id NOT IN (SELECT id FROM stage.items)"
        if prune:
            run(f"DELETE FROM main.items WHERE {absent}")
            run("DELETE FROM main.events WHERE item NOT IN (SELECT id FROM main.items)")
        else:
            run(f"UPDATE main.items SET retired = 1 WHERE NOT retired AND {absent}")
    run(
        "INSERT OR IGNORE INTO main.events (user, item, kind, value, time) "
        "SELECT user, item, kind, value, time FROM stage.events ORDER BY record"
    )
    run(
        "UPDATE main.items SET mean_rating = n.mean_rating, n_ratings = n.n_ratings, "
        "n_events = n.n_events FROM stage.numbers n WHERE n.item = items.id AND "
        "(items.n_events <> n.n_events OR items.mean_rating IS NOT n.mean_rating)"
    )


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" for _ in values) or "NULL"


def _careless(connection: DBAPIConnection, _entry: object) -> None:
    """Nobody misses this file after a crash: no syncing. WAL, to read and write it at once."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
