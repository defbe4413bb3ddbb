"""Retries around a ChatModel: bounded in attempts and time, jittered, obedient to Retry-After."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_if_not_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

from assistant.errors import CircuitOpen, ModelOverloaded, ModelUnavailable
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, Delta


class Retrying:
    """A ChatModel that asks again after :class:`ModelUnavailable` and :class:`ModelOverloaded`.

    Only the beginning of an answer is retried: once a piece has been passed on, taking it back
    would show the reader two answers, so a stream that breaks later fails. A refusal, a bad answer,
    a deadline and an open circuit are never retried. The wait is exponential with jitter, at least
    what the server asked for; when it would outlast ``request.deadline`` the last error is raised
    at once. Each attempt that is made again is told of by a note, before the answer begins.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        attempts: int = 3,
        first_wait: float = 0.5,
        longest_wait: float = 8.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if attempts < 1:
            raise ValueError(f"attempts must be at least 1, got {attempts}")
        self._model = model
        self._attempts = attempts
        growing = wait_exponential(multiplier=first_wait, max=longest_wait)
        self._jitter = growing + wait_random(0, first_wait)
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer as the model inside does, from the first attempt that begins to answer."""
        started = time.monotonic()
        notes, opened = list[str](), list[AsyncIterator[Delta]]()
        stack = AsyncExitStack()

        async def begin() -> Delta | None:
            await stack.aclose()  # what a failed attempt left open
            left = max(0.0, request.deadline - (time.monotonic() - started))
            part = streaming(self._model, replace(request, deadline=left))
            opened.append(await stack.enter_async_context(part))
            async for delta in opened[-1]:
                if delta.answers:
                    return delta
                if delta.note:
                    notes.append(delta.note)
            return None

        def again(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            notes.append(f"asked again after {type(error).__name__}")

        head: Delta | None = None
        async with stack:
            async for attempt in self._attempting(request.deadline, again):
                for note in notes:  # told before the next attempt, which may outlast the reader
                    yield Delta(note=note)
                notes.clear()
                with attempt:
                    head = await begin()
            for note in notes:
                yield Delta(note=note)
            if head is not None:
                yield head
            async for delta in opened[-1]:
                yield delta

    def _attempting(
        self, deadline: float, again: Callable[[RetryCallState], None]
    ) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(self._attempts) | stop_before_delay(deadline),
            wait=self._wait,
            retry=retry_if_exception_type((ModelUnavailable, ModelOverloaded))
            & retry_if_not_exception_type(CircuitOpen),
            before_sleep=again,
            reraise=True,
        )

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ModelOverloaded) else None
        return max(asked or 0.0, self._jitter(state))
