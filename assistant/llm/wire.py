"""Reading what an endpoint sends back, whatever it sends: event streams, whole bodies, nonsense.

The client builds its objects without checking them, so everything here is looked at before use.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, TypeGuard

from assistant.errors import BadAnswer, ModelRefused, ModelUnavailable
from assistant.llm.types import Delta, TokenChoice, Usage

MAX_BODY = 4_000_000
"""Bytes of a body that is not streamed; what is longer is no answer of ours."""

MOST_TOKENS = 1_000_000_000
"""A count above this is no count, and too large a one cannot even be turned into money."""

LEAST = -1e6
"""A log-probability below this is no finding of a model; -9999 is used for "very unlikely"."""


class Reader:
    """Deltas out of one raw response. ``finished`` once the model said why it stopped."""

    def __init__(self, raw: Any, host: str) -> None:
        self._raw = raw
        self._host = host
        self._chunks: AsyncIterator[Any] | None = None
        self._whole = "json" in raw.headers.get("content-type", "")
        self._read = False
        self._seen = False
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._model = ""

    @property
    def finished(self) -> bool:
        """Whether the finish reason has come."""
        return self._finish is not None

    async def next(self) -> Delta | None:
        """The next piece (its text may be empty), or None at the end of the response."""
        if self._whole:
            if self._read:
                return None
            self._read = True
            return self._piece(await self._body(), "message")
        if self._chunks is None:
            self._chunks = aiter(self._raw.parse())
        try:
            chunk = await anext(self._chunks)
        except StopAsyncIteration:
            return None
        return self._piece(chunk, "delta")

    def last(self) -> Delta:
        """The closing delta. Raises when the response never got as far as an answer's end."""
        if not self._seen:
            raise BadAnswer(f"{self._host} answered without any choice")
        if self._finish is None:
            raise ModelUnavailable(f"{self._host} cut the answer short")
        return Delta(finish=self._finish, usage=self._usage, model=self._model)

    async def close(self) -> None:
        """Hang up."""
        await self._raw.http_response.aclose()

    async def _body(self) -> Any:
        size, parts = 0, list[bytes]()
        async for part in self._raw.http_response.aiter_bytes():
            size += len(part)
            if size > MAX_BODY:
                raise BadAnswer(f"{self._host} answered with more than {MAX_BODY} bytes")
            parts.append(part)
        return json.loads(b"".join(parts))

    def _piece(self, chunk: Any, part: str) -> Delta:
        """What one chunk (or whole body) adds; ``part`` is ``delta`` or ``message``."""
        if _get(chunk, "error"):
            raise ModelUnavailable(f"{self._host} answered 200 with an error in its body")
        self._usage = _usage(_get(chunk, "usage")) or self._usage
        model = _get(chunk, "model")
        self._model = model if isinstance(model, str) else self._model
        choices = _get(chunk, "choices")
        if not isinstance(choices, list) or not choices:
            return Delta()
        self._seen = True
        finish = _get(choices[0], "finish_reason")
        self._finish = finish if isinstance(finish, str) else self._finish
        if part == "message" and self._finish is None:
            self._finish = "stop"  # a whole body is a whole answer
        message = _get(choices[0], part)
        if self._finish == "content_filter" or _get(message, "refusal"):
            raise ModelRefused(f"the model behind {self._host} declined to answer")
        text = _get(message, "content")
        choices = _get(_get(choices[0], "logprobs"), "content")
        return Delta(text=text if isinstance(text, str) else "", logprobs=_logprobs(choices))


def _get(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def _usage(reported: Any) -> Usage | None:
    """Tokens as reported, or None when they are not all plain non-negative numbers."""
    asked, said = _get(reported, "prompt_tokens"), _get(reported, "completion_tokens")
    if not is_count(asked) or not is_count(said):
        return None
    cached = _get(_get(reported, "prompt_tokens_details"), "cached_tokens")
    reasoning = _get(_get(reported, "completion_tokens_details"), "reasoning_tokens")
    return Usage(
        prompt_tokens=asked,
        completion_tokens=said,
        cached_tokens=cached if is_count(cached) else 0,
        reasoning_tokens=reasoning if is_count(reasoning) else 0,
    )


def _logprobs(told: Any) -> tuple[TokenChoice, ...]:
    """The tokens as told; what is not a token with a log-probability is dropped."""
    choices = []
    for entry in told if isinstance(told, list) else ():
        others = _get(entry, "top_logprobs")
        alternatives: dict[str, float] = {}
        for choice in (entry, *(others if isinstance(others, list) else ())):
            name, value = _get(choice, "token"), _get(choice, "logprob")
            if isinstance(name, str) and _is_logprob(value):
                alternatives.setdefault(name, float(value))
        token = _get(entry, "token")
        if isinstance(token, str) and token in alternatives:
            choices.append(TokenChoice(token, alternatives))
    return tuple(choices)


def _is_logprob(value: Any) -> bool:
    """Compared before it is converted: an integer may be too large for a float; NaN is neither."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and LEAST <= value <= 0


def is_count(value: Any) -> TypeGuard[int]:
    """Whether a reported number of tokens can be one."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
