"""Single values of a workspace: its schema, its kinds of events, which index is active."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from retrieval.storage.tables import settings

SCHEMA = "schema"
KINDS = "kinds"
OVERRIDE = "override"
GENERATION = "generation"
ACTIVE = "active"
LAST_VERSION = "last_version"
KEYED = "keyed"
SECRET = "secret"  # noqa: S105  (the name of the row, not what is in it)
ERASED = "erased"
"""When somebody's events were last erased, in Unix seconds: no index built before may stay."""


def get(connection: Connection, key: str) -> str | None:
    """The value under a key; None when it was never set."""
    found: str | None = connection.execute(
        select(settings.c.value).where(settings.c.key == key)
    ).scalar_one_or_none()
    return found


def put(connection: Connection, key: str, value: str) -> None:
    """Set a value inside the caller's transaction."""
    statement = insert(settings).values(key=key, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )


def number(connection: Connection, key: str) -> int:
    """A value as a whole number; 0 when it was never set."""
    return int(get(connection, key) or 0)
