"""One object for each running event loop, for what must not be shared between loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Makes an object at its first use in an event loop and keeps it as long as the loop lives.

    Safe across threads that run loops of their own. The loop is not kept alive. Nothing is done to
    an object whose loop is gone: it must hold nothing that needs closing when no call is under way.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The object of the running loop. Raises RuntimeError where none runs."""
        loop = asyncio.get_running_loop()
        with self._lock:
            found = self._made.get(loop)
        if found is None:
            found = self._make()  # outside the lock: only this thread makes one for its own loop
            with self._lock:
                self._drop_closed()
                self._made[loop] = found
        return found

    def _drop_closed(self) -> None:
        """A loop that was closed amid a call may be held by what the call left in the object."""
        for loop in [loop for loop in self._made if loop.is_closed()]:
            del self._made[loop]
