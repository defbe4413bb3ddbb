"""Running a coroutine from code that has no event loop, or cannot wait on the one it is in."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Loop:
    """One event loop on one daemon thread, started at its first use and again after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        """The loop, running."""
        with self._lock:
            if self._loop is None or self._thread is None or not self._thread.is_alive():
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="palate-blocking", daemon=True
                )
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        """End the thread and close the loop; a later use starts anew."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None or not thread.is_alive():
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
        if not thread.is_alive():
            loop.close()


_loop = _Loop()
atexit.register(_loop.stop)


def blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result. It runs on a thread of its own, so this also works where an event
    loop is already running (a notebook), which it blocks meanwhile.

    Raises what the coroutine raises; an interrupt cancels it. Called from a coroutine that itself
    runs under ``blocking`` it raises RuntimeError, as it would wait for itself.
    """
    loop = _loop.running()
    try:
        if asyncio.get_running_loop() is loop:
            coroutine.close()
            raise RuntimeError("blocking() called from inside blocking(): await it instead")
    except RuntimeError as error:
        if "no running event loop" not in str(error):
            raise
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise
