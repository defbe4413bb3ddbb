"""One call from request to whole answer, bounded in time and size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import DeadlineExceeded
from assistant.llm import tokens
from assistant.llm.streams import streaming
from assistant.llm.types import ChatModel, ChatRequest, TokenChoice, Usage

MAX_CHARS = 200_000
"""An answer longer than this is cut: no request of ours asks for a tenth of it."""

OnText = Callable[[str], None]
"""Called with each new piece of the answer, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """A whole answer. ``finish`` is ``stop``, ``length`` (cut short) or what the server said.

    ``notes`` are what happened on the way, in order, for a person to read. ``logprobs`` are the
    answer's tokens with their alternatives; empty where none were wanted or none were told.
    """

    text: str
    finish: str
    usage: Usage
    notes: tuple[str, ...] = ()
    logprobs: tuple[TokenChoice, ...] = ()


async def complete(
    model: ChatModel, request: ChatRequest, on_text: OnText | None = None
) -> ChatReply:
    """Ask and collect the answer. Usage is estimated, and says so, where none was reported.

    Raises :class:`assistant.errors.ModelError`; :class:`DeadlineExceeded` after
    ``request.deadline`` seconds whatever the model does. What arrived until then was passed to
    ``on_text``.
    """
    pieces, notes, choices = list[str](), list[str](), list[TokenChoice]()
    finish, usage, size = "", None, 0
    try:
        async with asyncio.timeout(request.deadline), streaming(model, request) as deltas:
            async for delta in deltas:
                if delta.text:
                    pieces.append(delta.text)
                    size += len(delta.text)
                    if on_text is not None:
                        on_text(delta.text)
                if delta.note:
                    notes.append(delta.note)
                choices.extend(delta.logprobs)
                finish = delta.finish or finish
                usage = delta.usage or usage
                if size > MAX_CHARS:
                    finish = "length"
                    break
    except TimeoutError as error:
        raise DeadlineExceeded(
            f"{model.name} did not finish within {request.deadline:g} s"
        ) from error
    text = "".join(pieces)[:MAX_CHARS]
    return ChatReply(
        text=text,
        finish=finish or "stop",
        usage=usage or estimate(request, text),
        notes=tuple(notes),
        logprobs=tuple(choices),
    )


def estimate(request: ChatRequest, answer: str) -> Usage:
    """Usage of a call whose provider reported none: text by our tokenizer, 4 tokens a message."""
    asked = request.prompt_tokens
    if asked is None:
        asked = sum(len(tokens.encode(m.content)) + 4 for m in request.messages)
    return Usage(prompt_tokens=asked, completion_tokens=len(tokens.encode(answer)), estimated=True)
