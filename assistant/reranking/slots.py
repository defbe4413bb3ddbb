"""A bound on how many calls run at once, shared by threads and by event loops.

``asyncio.Semaphore`` belongs to one loop, and ``threading.Semaphore`` would block the loop that
waits; a re-ranker is used from many loops and must do neither.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress


class Slots:
    """At most ``count`` holders at a time: ``async with slots: ...``. First come, first served.

    A waiter that is cancelled gives up its place, and its slot where it had just been granted one.
    A waiter whose loop is closed is passed over. Raises ValueError for a ``count`` below 1.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        self._free = count
        self._waiting: deque[_Waiter] = deque()
        # Re-entrant, as the garbage collector may end an abandoned waiter, and so call `_leave`, in
        # the midst of any step below; so the counts are right whenever a step calls something.
        self._lock = threading.RLock()

    async def __aenter__(self) -> None:
        waiter = _Waiter()
        with self._lock:
            self._waiting.append(waiter)
            self._hand_on()
        try:
            await waiter.turn
        except BaseException:  # cancelled, or its loop is gone
            self._leave(waiter)
            raise

    async def __aexit__(self, *_: object) -> None:
        with self._lock:
            self._free += 1
            self._hand_on()

    def _leave(self, waiter: _Waiter) -> None:
        """Take back what the waiter was given, be it a slot or only a place in the line."""
        with self._lock:
            if waiter.granted:
                self._free += 1
            else:
                with suppress(ValueError):  # passed over before
                    self._waiting.remove(waiter)
            self._hand_on()

    def _hand_on(self) -> None:
        """Grant free slots to those who have waited longest."""
        while self._free and self._waiting:
            self._free -= 1
            waiter = self._waiting.popleft()
            if not waiter.grant():
                self._free += 1


class _Waiter:
    """One that waits in line, on its own event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.turn = self._loop.create_future()
        self.granted = False

    def grant(self) -> bool:
        """Wake it, from whatever thread; False when its loop is closed."""
        self.granted = True
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:
            self.granted = False
        return self.granted

    def _wake(self) -> None:
        if not self.turn.done():  # it was cancelled meanwhile, and hands the slot on itself
            self.turn.set_result(None)
