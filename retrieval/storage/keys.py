"""The keys of other programs that may ask this workspace, and the workspace's own secret.

A token is 256 random bits, shown once when it is made; what is stored is its SHA-256. A slow hash,
as passwords need, would protect nothing here: it makes guessing dear where there are few likely
guesses, and among 2^256 equally likely ones there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Row, insert, select, update

from retrieval.errors import InputError
from retrieval.storage import settings
from retrieval.storage.database import Database
from retrieval.storage.tables import api_keys

Reach = Literal["visitor", "product", "owner"]
"""Whom a key speaks for: one visitor; every visitor of one product; everybody, and the service."""

REACHES: tuple[Reach, ...] = get_args(Reach)
MARK = "palate_"
"""What every token begins with, so that one that leaked is recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is stored; the token is not part of it.

    ``space`` is the product whose visitors it speaks for (empty for an owner), ``visitor`` the one
    person a visitor's key is bound to, by the id under which the workspace keeps them. Times are
    Unix seconds; ``revoked`` is None while the key is in force.
    """

    id: str
    name: str
    reach: Reach
    space: str = ""
    visitor: str | None = None
    created: float = 0.0
    revoked: float | None = None


class KeyStore:
    """Keys by the hash of their token. Safe beside other writers; needs no writer lock."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
        self, name: str, reach: Reach, *, space: str = "", visitor: str | None = None
    ) -> tuple[ApiKey, str]:
        """A new key and its token, which nobody can be shown again."""
        token = MARK + secrets.token_urlsafe(32)
        key = ApiKey(
            id=secrets.token_hex(6),
            name=name,
            reach=reach,
            space=space,
            visitor=visitor,
            created=time.time(),
        )
        row = {
            "id": key.id,
            "digest": _digest(token),
            "name": key.name,
            "reach": key.reach,
            "space": key.space,
            "visitor": key.visitor,
            "created": key.created,
            "revoked": None,
        }
        with self._db.writing() as connection:
            connection.execute(insert(api_keys).values(row))
            settings.put(connection, settings.KEYED, "yes")
        return key, token

    def find(self, token: str) -> ApiKey | None:
        """The key in force that a token stands for; None for an unknown or a revoked one."""
        query = select(api_keys).where(
            api_keys.c.digest == _digest(token), api_keys.c.revoked.is_(None)
        )
        with self._db.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _key(row)

    def all(self) -> tuple[ApiKey, ...]:
        """Every key ever made that is not erased, revoked ones too, the oldest first."""
        query = select(api_keys).order_by(api_keys.c.created, api_keys.c.id)
        with self._db.reading() as connection:
            return tuple(_key(row) for row in connection.execute(query))

    def made(self) -> bool:
        """Whether a key was ever made. Revoking the last one, or erasing the person whose it was,
        does not open the workspace again."""
        with self._db.reading() as connection:
            return settings.get(connection, settings.KEYED) is not None

    def revoke(self, key: str) -> bool:
        """Put a key out of force at once; False when it was so already. InputError for no key."""
        with self._db.writing() as connection:
            done = connection.execute(
                update(api_keys)
                .where(api_keys.c.id == key, api_keys.c.revoked.is_(None))
                .values(revoked=time.time())
            )
            known = connection.execute(select(api_keys.c.id).where(api_keys.c.id == key)).first()
        if known is None:
            raise InputError(f'there is no key "{key}"; palate keys list shows those there are')
        return done.rowcount > 0

    def secret(self) -> bytes:
        """32 random bytes that belong to this workspace, made when first asked for.

        What is derived from them (ids of conversations, pseudonyms in logs) tells nobody else what
        it was derived from.
        """
        with self._db.reading() as connection:
            held = settings.get(connection, settings.SECRET)
        if held is None:
            with self._db.writing() as connection:
                held = settings.get(connection, settings.SECRET)  # another was quicker
                if held is None:
                    held = secrets.token_hex(32)
                    settings.put(connection, settings.SECRET, held)
        return bytes.fromhex(held)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        reach=row.reach,
        space=row.space,
        visitor=row.visitor,
        created=row.created,
        revoked=row.revoked,
    )
