"""The seams to models: one that answers piece by piece, and one that scores documents.

Anything with a ``name`` and a ``stream`` is a :class:`ChatModel`, anything with a ``name`` and a
``score`` a :class:`ScoreModel`; ten lines are enough to bring your own. Caching, limits, retries
and metering are ChatModels wrapped around a ChatModel.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

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
    ``top_logprobs`` is how many alternatives to tell with each token, by their log-probability
    (0: none wanted); endpoints allow up to 20, and many tell none. ``prompt_tokens`` is how many
    the messages have by our count, where that is known already.
    """

    messages: tuple[Message, ...]
    schema: Mapping[str, object] | None = None
    schema_name: str = "answer"
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int | None = None
    deadline: float = 20.0
    prompt: str = ""
    top_logprobs: int = 0
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one call. ``estimated`` is True when the provider did not report them.

    ``cached_tokens`` are a part of ``prompt_tokens``, ``reasoning_tokens`` of
    ``completion_tokens``; both are 0 where they were not reported.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            estimated=self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """One token of the answer, and what the model could have said in its place.

    ``alternatives`` maps tokens to natural log-probabilities (at most 0), the chosen one included.
    They are the likeliest ones only, so the probabilities need not add up to 1.
    """

    token: str
    alternatives: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of the answer. The last one carries ``finish`` (``stop``, ``length``) and usage.

    ``note`` is one plain sentence for a person about something that happened on the way, such as
    a failed attempt. It is no part of the answer and never holds prompt or key. ``logprobs`` are
    the tokens of this piece, where they were wanted and the endpoint tells them. ``model`` is the
    name that the endpoint gives the model which answered, where it gives one: any text at all.
    """

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None
    note: str = ""
    logprobs: tuple[TokenChoice, ...] = ()
    model: str = ""

    @property
    def answers(self) -> bool:
        """Whether this is a part of the answer, and not a mere note (or nothing at all)."""
        said = bool(self.text or self.logprobs)
        return said or self.finish is not None or self.usage is not None


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


@runtime_checkable
class ScoreModel(Protocol):
    """A model that says how relevant each document is to a query: a cross-encoder.

    Raises :class:`assistant.errors.ModelError` (and nothing else) when it cannot answer.
    """

    @property
    def name(self) -> str:
        """The model's name, as recorded with every call."""
        ...

    async def score(
        self, query: str, documents: Sequence[str], *, deadline: float
    ) -> tuple[tuple[float | None, ...], Usage]:
        """One finite score a document, in the order given, and what the call cost.

        More is more relevant; the scale is the model's own. None for a document it gave no score.
        The call may take ``deadline`` seconds. Without documents there is nothing to ask.
        """
        ...
