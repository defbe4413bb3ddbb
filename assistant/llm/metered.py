"""Counting what a model was used for."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from assistant.errors import ModelError
from assistant.llm.complete import estimate
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, Delta, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What one prompt cost so far: calls begun, calls failed or left, tokens, seconds."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)


class Metered:
    """A ChatModel that counts calls, failures, tokens and seconds by prompt id; thread-safe.

    A call whose reader left before the end counts as failed, with the tokens it had cost by our
    estimate, so that an abandoned answer is not free.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._meters: dict[str, Meter] = {}

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    def meters(self) -> dict[str, Meter]:
        """A copy of the meters by prompt id (``""`` for requests without one)."""
        with self._lock:
            return dict(self._meters)

    def total(self) -> Meter:
        """All meters added up."""
        total = Meter()
        for meter in self.meters().values():
            total = Meter(
                calls=total.calls + meter.calls,
                failures=total.failures + meter.failures,
                seconds=total.seconds + meter.seconds,
                usage=total.usage + meter.usage,
            )
        return total

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer as the model inside does, and count it when it ends, fails or is left."""
        started, said, usage, done = time.monotonic(), list[str](), None, False
        refused = False
        try:
            async with streaming(self._model, request) as deltas:
                async for delta in deltas:
                    if delta.answers:  # a note of a failed attempt has cost nothing
                        said.append(delta.text)
                    usage = delta.usage or usage
                    done = done or delta.finish is not None
                    yield delta
        except ModelError:
            done, refused = False, not said
            raise
        finally:
            spent = Usage() if refused else usage or estimate(request, "".join(said))
            self._add(request.prompt, time.monotonic() - started, done, spent)

    def _add(self, prompt: str, seconds: float, done: bool, usage: Usage) -> None:
        with self._lock:
            meter = self._meters.get(prompt, Meter())
            self._meters[prompt] = replace(
                meter,
                calls=meter.calls + 1,
                failures=meter.failures + (not done),
                seconds=meter.seconds + seconds,
                usage=meter.usage + usage,
            )
