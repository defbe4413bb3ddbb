"""A span for each call of a model, with the names of OpenTelemetry's conventions for generative AI.

What was asked and what was answered stay out of it: a span tells which model, by which of our
prompts, how many tokens, and how it ended.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from assistant.errors import ModelError
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, Delta

if TYPE_CHECKING:
    from assistant.traces import Span, Traces, Value

REASONS = ("stop", "length", "content_filter", "tool_calls", "error")
"""Ends of an answer by name. An endpoint may send any text in their place; it is not passed on."""

_MODEL = re.compile(r"[\w.:/@+-]{1,120}", re.ASCII)  # an endpoint may send any text here, too


class Traced:
    """A ChatModel whose calls are spans.

    ``provider`` says whose protocol is spoken, ``address`` and ``port`` where, if it is known. A
    call whose reader left before the end has failed with ``cancelled``: so does one that exceeded
    its deadline, since whoever set it leaves.
    """

    def __init__(
        self,
        model: ChatModel,
        traces: Traces,
        *,
        provider: str = "custom",
        address: str = "",
        port: int | None = None,
    ) -> None:
        self._model = model
        self._traces = traces
        self._known: dict[str, Value] = {
            "gen_ai__operation__name": "chat",
            "gen_ai__provider__name": provider,
            "gen_ai__request__model": model.name,
        }
        if address:
            self._known["server__address"] = address
        if port is not None:
            self._known["server__port"] = port

    @property
    def name(self) -> str:
        """The name of the model inside."""
        return self._model.name

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer as the model inside does."""
        span = self._begun(request)
        done = False
        try:
            async with streaming(self._model, request) as deltas:
                while (delta := await span.step(deltas)) is not None:
                    if delta.answers:
                        _note(span, delta)
                        done = done or delta.finish is not None
                    yield delta
        except ModelError as error:
            span.fail(type(error).__name__)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            if not done:
                span.fail("cancelled")
            raise
        finally:
            span.end()

    def _begun(self, request: ChatRequest) -> Span:
        span = self._traces.begin(f"chat {self.name}", kind="client")
        span.set(
            **self._known,
            gen_ai__output__type="text" if request.schema is None else "json",
            gen_ai__request__max_tokens=request.max_tokens,
            gen_ai__request__temperature=request.temperature,
        )
        if request.seed is not None:
            span.set(gen_ai__request__seed=request.seed)
        if request.prompt:
            span.set(gen_ai__prompt__name=request.prompt)
        return span


def _note(span: Span, delta: Delta) -> None:
    """What a piece says of the call, beside its text."""
    if delta.finish is not None:
        reason = delta.finish if delta.finish in REASONS else "other"
        span.set(gen_ai__response__finish_reasons=(reason,))
    if _MODEL.fullmatch(delta.model):
        span.set(gen_ai__response__model=delta.model)
    if delta.usage is not None and not delta.usage.estimated:
        span.set(
            gen_ai__usage__input_tokens=delta.usage.prompt_tokens,
            gen_ai__usage__output_tokens=delta.usage.completion_tokens,
        )
