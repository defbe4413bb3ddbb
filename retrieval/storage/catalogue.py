"""The items of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from retrieval.storage import settings
from retrieval.storage.codec import derived_of, item_of, schema_of
from retrieval.storage.database import Database
from retrieval.storage.tables import items
from retrieval.types import Item, ItemId

_CHUNK = 500
_COLUMNS = (
    items.c.id,
    items.c.title,
    items.c.body,
    items.c.available,
    items.c.retired,
    items.c.mean_rating,
    items.c.n_ratings,
    items.c.n_events,
)


class Catalogue:
    """Items by id. Numbers derived from events are among their fields."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, ids: Iterable[ItemId]) -> dict[ItemId, Item]:
        """The items of these ids that there are, retired ones too, in the order asked."""
        wanted = list(dict.fromkeys(ids))
        found: dict[ItemId, Item] = {}
        with self._db.reading() as connection:
            derived = _derived(connection)
            for start in range(0, len(wanted), _CHUNK):
                chunk = wanted[start : start + _CHUNK]
                for row in connection.execute(select(*_COLUMNS).where(items.c.id.in_(chunk))):
                    item = _item(row, derived)
                    found[item.id] = item
        return {i: found[i] for i in wanted if i in found}

    def all(self, include_retired: bool = False) -> Iterator[Item]:
        """Every item by id in text order, read in one state and as it is asked for."""
        with self._db.reading() as connection:
            derived = _derived(connection)
            query: Select[*tuple[Any, ...]] = select(*_COLUMNS).order_by(items.c.id)
            if not include_retired:
                query = query.where(items.c.retired.is_(False))
            for row in connection.execute(query).yield_per(_CHUNK):
                yield _item(row, derived)

    def page(self, after: str, limit: int) -> tuple[Item, ...]:
        """At most ``limit`` items by id in text order, those after the id ``after`` ('': from the
        first); retired ones are left out, and an empty page ends the catalogue."""
        query = (
            select(*_COLUMNS)
            .where(items.c.retired.is_(False), items.c.id > after)
            .order_by(items.c.id)
            .limit(limit)
        )
        with self._db.reading() as connection:
            derived = _derived(connection)
            return tuple(_item(row, derived) for row in connection.execute(query))

    def count(self) -> int:
        """How many items there are, the retired ones not counted."""
        with self._db.reading() as connection:
            query = select(func.count()).select_from(items).where(items.c.retired.is_(False))
            return int(connection.execute(query).scalar_one())


def _derived(connection: Connection) -> frozenset[str]:
    text = settings.get(connection, settings.SCHEMA)
    return derived_of(schema_of(text)) if text else frozenset()


def _item(row: Row[*tuple[Any, ...]], derived: frozenset[str]) -> Item:
    numbers = (row.mean_rating, row.n_ratings, row.n_events)
    return item_of(row.id, row.title, row.body, row.available, row.retired, numbers, derived)
