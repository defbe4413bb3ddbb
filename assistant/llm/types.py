"""The seam to a language model: one request, one stream of deltas, one Protocol.

Anything with a ``name`` and a ``stream`` is a :class:`ChatModel`; ten lines are enough to bring
your own. Caching, limits, retries and metering are ChatModels wrapped around a ChatModel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a conversation with a model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a model is asked.

    ``schema`` is a JSON schema the answer must satisfy (None: free text) and ``schema_name`` its
    name on the wire. ``max_tokens`` bounds the answer. ``deadline`` is the number of seconds the
    whole call, retries included, may take. ``prompt`` is the id of the prompt (name@vN#hash).
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, object] | None = None
    schema_name: str = "answer"
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int | None = None
    deadline: float = 20.0
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call. ``estimated`` is True when the provider did not report them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            estimated=self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of the answer. The last one carries ``finish`` (``stop``, ``length``) and usage."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None


class ChatModel(Protocol):
    """A language model that answers a request piece by piece.

    Raises :class:`assistant.errors.ModelError` (and nothing else) when it cannot answer.
    """

    @property
    def name(self) -> str:
        """The model's name, as recorded with every call."""
        ...

    def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Answer the request; the texts of the deltas joined are the answer."""
        ...
