"""A circuit breaker around a ChatModel: an endpoint that is down is not asked for a while.

The pattern is Michael Nygard's (Release It!, 2007): without it every caller waits out the full
deadline of a dead endpoint, and an overloaded one is never left alone long enough to recover.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable

from assistant.errors import (
    CircuitOpen,
    DeadlineExceeded,
    ModelError,
    ModelOverloaded,
    ModelUnavailable,
)
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, Delta

FAILURES = (ModelUnavailable, ModelOverloaded, DeadlineExceeded)
"""What speaks against the endpoint; any other ModelError is the answer of a living one."""

LATE = 0.95
"""The part of its deadline after which a cancelled call counts as one that exceeded it: whoever
cancels at the deadline began to count a moment before the call reached the breaker."""


class Breaker:
    """A ChatModel that raises :class:`CircuitOpen` at once after ``failures`` failures in a row.

    The circuit then stays open for ``rest`` seconds. After that one trial call is let through
    (half open): its success closes the circuit, its failure opens it for another ``rest``. A
    reader that leaves early counts neither way, and another call may be the trial; so it may when
    a trial is neither ended nor left although its own deadline and ``rest`` are both over. Safe
    across threads and event loops. ``clock`` counts seconds and never goes back.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        failures: int = 5,
        rest: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if failures < 1:
            raise ValueError(f"failures must be at least 1, got {failures}")
        if not 0 < rest < math.inf:
            raise ValueError(f"rest must be a positive number of seconds, got {rest}")
        self._model = model
        self._allowed = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until: float | None = None  # closed while None
        self._trial = False
        self._era = 0  # calls admitted before the last change of state no longer count

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer as the model inside does, or raise :class:`CircuitOpen` without asking it."""
        era, started = self._admit(request.deadline)
        good: bool | None = None
        try:
            async with streaming(self._model, request) as deltas:
                async for delta in deltas:
                    if delta.finish is not None:
                        good = True  # whole, even for a reader that does not wait for the end
                    yield delta
            good = True
        except FAILURES:
            good = False
            raise
        except ModelError:
            good = True
            raise
        except asyncio.CancelledError:
            if good is None and self._clock() - started >= LATE * request.deadline:
                good = False
            raise
        finally:
            self._settle(era, good)

    def _admit(self, deadline: float) -> tuple[int, float]:
        """The era the call belongs to and the moment it began."""
        with self._lock:
            now = self._clock()
            if self._until is not None:
                if now < self._until:
                    raise CircuitOpen(self._words(self._until - now))
                self._trial = True
                self._until = now + max(self._rest, deadline)
                self._era += 1
            return self._era, now

    def _settle(self, era: int, good: bool | None) -> None:
        """Count how a call ended; None for one whose reader left."""
        with self._lock:
            if era != self._era:
                return
            if good:
                self._failed = 0
                self._change(None)
            elif good is False:
                self._failed += 1
                if self._failed >= self._allowed:
                    self._change(self._clock() + self._rest)
            elif self._trial:
                self._change(self._clock())

    def _change(self, until: float | None) -> None:
        if until is None and self._until is None:
            return  # closed and stays so: calls under way keep counting
        self._until, self._trial = until, False
        self._era += 1

    def _words(self, left: float) -> str:
        seconds = f"{math.ceil(left)} s"
        if self._trial:
            return f"{self.name} is being tried by one call, for {seconds} more at most"
        calls = "call" if self._allowed == 1 else "calls in a row"
        return f"{self.name} is not asked for another {seconds}: {self._allowed} {calls} failed"
