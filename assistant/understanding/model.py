"""Reading a message with a language model: one schema-bound call, nothing in it taken on trust."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.llm.structured import ask
from assistant.llm.types import ChatModel, Usage
from assistant.types import Reading
from assistant.understanding.arbitrate import arbitrate
from assistant.understanding.context import Context
from assistant.understanding.form import Form, request
from assistant.understanding.resolve import Resolver
from assistant.understanding.vocabulary import Vocabulary

__all__ = ["ModelReading", "arbitrate", "read_with_model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReading:
    """What the model read, resolved; ``dropped`` names the kinds of what did not stand."""

    reading: Reading
    usage: Usage
    prompt: str
    dropped: tuple[str, ...] = ()


async def read_with_model(
    model: ChatModel,
    vocabulary: Vocabulary,
    message: str,
    context: Context,
    *,
    deadline: float,
) -> ModelReading:
    """Read one message. Every title, value, field and number is resolved against the vocabulary.

    Raises :class:`~assistant.errors.ModelError` when no usable form came within ``deadline``
    seconds; one repair of a misshapen answer is within them.
    """
    asked = request(vocabulary, message, context, deadline=deadline)
    answer = await ask(model, asked, Form)
    resolver = Resolver(vocabulary, message, context)
    reading = resolver.reading(answer.value)
    return ModelReading(
        reading=reading, usage=answer.usage, prompt=asked.prompt, dropped=tuple(resolver.dropped)
    )
