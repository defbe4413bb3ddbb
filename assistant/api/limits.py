"""What callers may use: requests by key and by address, bytes, seconds, and turns at once.

Nothing waits in a queue that grows: what cannot begin soon is refused with the time to come back.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from assistant.api.problems import Problem

KNOWN = 10_000
"""Keys and addresses whose use is remembered; who was quiet longest is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one caller and the service may use.

    ``rate`` is in requests a minute, for each key and for each address; ``body`` in bytes;
    ``seconds`` bounds one request from its first byte to its last; ``turns`` is how many turns,
    recommendations and re-rankings are worked on at once, and half as many may wait. ``origins``
    are the other hosts whose pages a browser may let ask; none by default.
    """

    rate: int = 600
    body: int = 4_000_000
    seconds: float = 120.0
    turns: int = 8
    origins: tuple[str, ...] = ()


class Rate:
    """Token buckets by name: a minute's worth at once, then as many as flow in.

    ``clock`` gives seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._full = float(per_minute)
        self._flow = per_minute / 60
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, cost: float = 1.0) -> None:
        """Use ``cost`` of what ``name`` has left. Problem ``rate_limited``, with the time to wait,
        where there is less; that costs nothing."""
        now = self._clock()
        left, since = self._held.pop(name, (self._full, now))
        left = min(self._full, left + (now - since) * self._flow)
        enough = left >= cost
        self._held[name] = (left - cost if enough else left, now)
        while len(self._held) > KNOWN:
            self._held.popitem(last=False)
        if not enough:
            raise Problem("rate_limited", retry_after=(cost - left) / self._flow + 1)


class Room:
    """Room for so many at once; half as many may wait for it, everybody else is told to come back.

    Belongs to one event loop.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._most = size + max(1, size // 2)
        self._free = asyncio.Semaphore(size)
        self._inside = 0
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def inside(self) -> int:
        """How many are being worked on or wait."""
        return self._inside

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken in."""
        return self._closed

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one piece of work. Problem ``busy`` where none will be free soon, and
        ``unavailable`` once the service is leaving."""
        if self._closed:
            raise Problem("unavailable", "The service is ending.", retry_after=5)
        if self._inside >= self._most:
            raise Problem("busy", retry_after=2)
        self._inside += 1
        self._empty.clear()
        try:
            async with self._free:
                yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def leave(self, seconds: float) -> bool:
        """Take in nothing more and wait, so long at the most, for what is being worked on; whether
        all of it was finished."""
        self._closed = True
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True
