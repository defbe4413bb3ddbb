"""A ChatModel that answers from a script, at the pace the script sets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from assistant.errors import ModelError, ModelUnavailable
from assistant.llm.types import ChatRequest, Delta, Usage

Step = str | asyncio.Event | ModelError | Delta
"""One step of an answer: say a piece, wait until the event is set, fail, or give a raw delta."""

Answer = str | ModelError | Sequence[Step]


class Scripted:
    """Answers the nth request with the nth answer, or with what a function makes of the request.

    A ``str`` is said in one piece; a sequence is played step by step, so a test can hold the
    model between two pieces with an :class:`asyncio.Event` and no clock. ``requests`` lists what
    was asked, in order. When the script is over, :class:`ModelUnavailable` is raised.
    """

    def __init__(
        self,
        answers: Sequence[Answer] | Callable[[ChatRequest], Answer],
        *,
        name: str = "scripted",
        usage: Usage | None = None,
    ) -> None:
        self.name = name
        self.requests: list[ChatRequest] = []
        self._answers = answers
        self._usage = usage

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Play the next answer; ends with a delta that carries ``stop`` and the usage, if any."""
        self.requests.append(request)
        answer = self._next(request)
        steps: Sequence[Step] = [answer] if isinstance(answer, str | ModelError) else answer
        finished = False
        for step in steps:
            if isinstance(step, ModelError):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, Delta):
                finished = finished or step.finish is not None
                yield step
            else:
                yield Delta(text=step)
        if not finished:
            yield Delta(finish="stop", usage=self._usage)

    def _next(self, request: ChatRequest) -> Answer:
        if callable(self._answers):
            return self._answers(request)
        turn = len(self.requests) - 1
        if turn >= len(self._answers):
            return ModelUnavailable(f"the script holds {len(self._answers)} answers, no more")
        return self._answers[turn]
