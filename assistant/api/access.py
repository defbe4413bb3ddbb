"""Who asks, and for whom they may speak.

A key reaches one visitor, the visitors of one product, or everybody. The ids that a product gives
its visitors live in a space of its own, so that no product can name another's visitors: inside the
workspace they are ``space:id``, outside they are what the product called them.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.api.problems import Problem
from assistant.sessions import new_id
from retrieval.storage.keys import ApiKey, KeyStore, Reach

ID = r"^[A-Za-z0-9_.:-]{1,80}$"
"""What a visitor may be called. Names and addresses of people do not belong there."""

SPACE = re.compile(r"[a-z0-9-]{1,32}")
LOCAL = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. ``key`` is the id of the key, empty where there are no keys at all."""

    key: str = ""
    reach: Reach = "owner"
    space: str = ""
    only: str | None = None

    def visitor(self, named: str | None) -> str:
        """The id under which the workspace keeps a visitor; a fresh one for None.

        Problem ``forbidden`` where a visitor's key names somebody else.
        """
        if self.only is not None:
            if named is not None and named not in (self.only, self.shown(self.only)):
                raise Problem("forbidden", "A visitor's key speaks for that visitor alone.")
            return self.only
        return self._inside(named if named is not None else f"v.{new_id()}")

    def shown(self, visitor: str) -> str:
        """What the caller calls a visitor of theirs."""
        return visitor.removeprefix(f"{self.space}:") if self.space else visitor

    def owns(self, visitor: str | None) -> bool:
        """Whether a visitor, by the workspace's id, is one that the caller speaks for."""
        if visitor is None:
            return False
        if self.only is not None:
            return visitor == self.only
        return visitor.startswith(f"{self.space}:") if self.space else True

    def need(self, reach: Reach) -> None:
        """Problem ``forbidden`` where the key does not reach that far."""
        order = ("visitor", "product", "owner")
        if order.index(self.reach) < order.index(reach):
            raise Problem("forbidden", f'This needs a key that reaches "{reach}".')

    def _inside(self, visitor: str) -> str:
        return f"{self.space}:{visitor}" if self.space else visitor


class Door:
    """Tells who asks by the key that was sent."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._secret = keys.secret()

    def admit(self, headers: Mapping[str, str], client: str) -> Caller:
        """The caller of a request from the address ``client``; names of headers are lower-case.

        Reads the database: not for an event loop. Problem ``unauthorized`` for no key, an unknown
        or a revoked one; ``loopback_only`` for another machine while no key was ever made.
        """
        token = _token(headers)
        if token:
            key = self._keys.find(token)
            if key is not None:
                return caller(key)
        if self._keys.made():
            raise Problem("unauthorized", headers={"WWW-Authenticate": "Bearer"})
        if not _own_machine(headers, client):
            raise Problem("loopback_only")
        return Caller()

    def seal(self, *parts: str) -> str:
        """40 hexadecimal digits that stand for these texts in this workspace alone."""
        text = "\0".join(parts).encode("utf-8", "replace")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:40]


def caller(key: ApiKey) -> Caller:
    """Whoever holds the key."""
    return Caller(key=key.id, reach=key.reach, space=key.space, only=key.visitor)


def _token(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _own_machine(headers: Mapping[str, str], client: str) -> bool:
    """Whether a request comes from this machine, and not through a proxy or a page of another host
    that a browser here has open."""
    try:
        local = ipaddress.ip_address(client.partition("%")[0]).is_loopback
    except ValueError:
        return False
    host = headers.get("host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    origin = headers.get("origin", "")
    own = not origin or origin.partition("://")[2] == host
    return local and name in LOCAL and own and not any(h in headers for h in FORWARDED)
