"""Leaving a stream cleanly: what wraps a stream closes it when its own reader leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.llm.types import ChatModel, ChatRequest, Delta


@asynccontextmanager
async def streaming(model: ChatModel, request: ChatRequest) -> AsyncIterator[AsyncIterator[Delta]]:
    """The model's stream; closed at the end of the block, so that a connection is never left open.

    A model's ``stream`` may be any async iterator; one without ``aclose`` has nothing to close.
    """
    deltas = model.stream(request)
    try:
        yield deltas
    finally:
        close = getattr(deltas, "aclose", None)
        if close is not None:
            await close()
