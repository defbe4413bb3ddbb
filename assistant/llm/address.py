"""Where a model's endpoint is, and what every call to one needs, whatever it speaks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.errors import SettingsError

if TYPE_CHECKING:
    import ssl


def host_of(url: str, what: str) -> str:
    """Host and port of an endpoint's URL, as messages may name it.

    Raises SettingsError, which says ``what`` it was to be, for a URL that none could have.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    else:
        host = host if parts.scheme in {"http", "https"} else None
    if not host:
        raise SettingsError(f"not the {what} of a model endpoint: {url!r}")
    return host + (f":{port}" if port else "")


def checked_key(key: str) -> str:
    """The API key. Raises SettingsError, without showing it, when no header can carry it."""
    if not key.isascii() or not key.isprintable():
        raise SettingsError("the API key holds characters that no header can carry")
    return key


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """The certificates to trust; read once, as that costs more than a client does otherwise."""
    import httpx2

    return httpx2.create_ssl_context()
