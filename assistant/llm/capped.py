"""A bound on what an endpoint may send, put beneath the client: it would read on for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2

MOST = 32_000_000
"""Bytes of one response: a long answer token by token, with its reasoning, takes a tenth."""


class TooLong(httpx2.StreamError):
    """More came than any answer takes."""


async def cap(response: httpx2.Response) -> None:
    """Bound the response's body, whatever reads it: as an event hook of a client."""
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Capped(response.stream)


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > MOST:
                raise TooLong(f"more than {MOST} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
