"""Items that were sent, or withdrawn, one by one and wait for the next index version.

A change is on disk before it is acknowledged. It is in force when the version that was built with
it is; then its row goes. Of several changes of one item the last one counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from retrieval.storage.codec import body_of, digest_of
from retrieval.storage.database import Database
from retrieval.storage.tables import changes
from retrieval.types import Item, ItemId

_CHUNK = 500


class Changes:
    """Waiting changes of the catalogue. Safe beside other writers; needs no writer lock."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, items: Sequence[Item], retired: Sequence[ItemId] = ()) -> None:
        """Have these items put in place of what has their ids, and these retired, all or none.

        What is in both is retired.
        """
        rows: dict[ItemId, dict[str, object]] = {
            item.id: {
                "item": item.id,
                "title": item.title,
                "body": body_of(item),
                "available": item.available,
                "digest": digest_of(item),
            }
            for item in items
        }
        nothing = {"title": None, "body": None, "available": None, "digest": None}
        rows |= {i: {"item": i, **nothing} for i in retired}
        old = delete(changes).where(changes.c.item == bindparam("old"))
        with self._db.writing() as connection:
            # New numbers each time, so that what a build has not seen is never taken for done.
            connection.execute(old, [{"old": i} for i in rows])
            connection.execute(insert(changes), list(rows.values()))

    def count(self) -> int:
        """How many items have a change that waits."""
        with self._db.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(changes)).scalar_one())

    def last(self) -> int:
        """The number of the newest change that waits; 0 when none does."""
        with self._db.reading() as connection:
            return int(connection.execute(select(func.max(changes.c.seq))).scalar_one() or 0)

    def among(self, ids: Sequence[ItemId]) -> frozenset[ItemId]:
        """Those of these items whose change waits."""
        found: set[ItemId] = set()
        with self._db.reading() as connection:
            for start in range(0, len(ids), _CHUNK):
                query = select(changes.c.item).where(
                    changes.c.item.in_(ids[start : start + _CHUNK])
                )
                found.update(ItemId(i) for i in connection.execute(query).scalars())
        return frozenset(found)

    def retired(self) -> tuple[ItemId, ...]:
        """The items that wait to be retired, by id."""
        query = select(changes.c.item).where(changes.c.title.is_(None)).order_by(changes.c.item)
        with self._db.reading() as connection:
            return tuple(ItemId(i) for i in connection.execute(query).scalars())


def settle(connection: Connection, last: int) -> None:
    """Let go of the changes up to this number, inside the caller's transaction."""
    connection.execute(delete(changes).where(changes.c.seq <= last))
