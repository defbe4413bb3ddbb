"""Reading a message with a language model: one schema-bound call, nothing in it taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from assistant.llm.structured import ask
from assistant.llm.types import ChatModel, Usage
from assistant.types import Reading
from assistant.understanding.context import Context
from assistant.understanding.evidence import Evidence
from assistant.understanding.form import Form, questions, request
from assistant.understanding.resolve import Resolver

OnProgress = Callable[[int, int], None]
"""Called with how many questions of the form are being answered, and how many it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReading:
    """What the model read, resolved; ``dropped`` names the kinds of what did not stand."""

    reading: Reading
    usage: Usage
    prompt: str
    dropped: tuple[str, ...] = ()


async def read_with_model(
    model: ChatModel,
    evidence: Evidence,
    context: Context,
    *,
    deadline: float,
    on_progress: OnProgress | None = None,
) -> ModelReading:
    """Read one message. Every title, value, field and number is held against the evidence.

    ``on_progress`` is called while the answer is being written. Raises
    :class:`~assistant.errors.ModelError` when no usable form came within ``deadline`` seconds; one
    repair of a misshapen answer is within them.
    """
    asked = request(evidence.vocabulary, evidence.message, context, deadline=deadline)
    filling = None
    if on_progress is not None:
        filling = Filling(questions(evidence.vocabulary), on_progress).hear
    answer = await ask(model, asked, Form, on_text=filling)
    resolver = Resolver(evidence, context)
    reading = resolver.reading(answer.value)
    return ModelReading(
        reading=reading, usage=answer.usage, prompt=asked.prompt, dropped=tuple(resolver.dropped)
    )


class Filling:
    """Counts the questions of a form as their names come by in a stream of text."""

    def __init__(self, names: Collection[str], tell: OnProgress) -> None:
        self._names = [f'"{name}"' for name in names]
        self._longest = max(map(len, self._names), default=0)
        self._seen: set[str] = set()
        self._tail = ""
        self._tell = tell

    def hear(self, piece: str) -> None:
        """Take in the next piece, and tell when a question came that had not come before."""
        heard = self._tail + piece
        found = self._seen.union(name for name in self._names if name in heard)
        self._tail = heard[-self._longest :]
        if len(found) > len(self._seen):
            self._seen = found
            self._tell(len(found), len(self._names))
