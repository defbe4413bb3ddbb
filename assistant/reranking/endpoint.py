"""Any Cohere-compatible rerank endpoint as a ScoreModel: Cohere, Jina, vLLM and others.

Nothing in an answer is believed before it was looked at: a score goes to the document whose number
stands beside it, or to none.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from assistant.errors import BadAnswer, DeadlineExceeded, ModelUnavailable
from assistant.llm import tokens
from assistant.llm.address import checked_key, host_of, trust
from assistant.llm.translate import named
from assistant.llm.types import Usage
from assistant.llm.wire import MAX_BODY, is_count

if TYPE_CHECKING:
    import httpx2

MAX_ERROR = 64_000
"""Bytes of an error's body that are read: its code stands near the beginning."""

Scores = tuple[float | None, ...]


class RerankEndpoint:
    """The model called ``model`` behind ``url``, which is asked as it stands (``…/v2/rerank``).

    ``api_key`` may be empty for local servers. ``transport`` replaces the network, for tests. Safe
    across threads and event loops: each call opens its own connection and closes it when it ends
    or is left. Scores are passed on as they are; they need not lie in [0, 1].

    Raises :class:`assistant.errors.ModelError` only; messages name the endpoint's host and the
    status, never the key, the query, a document or the server's own words.
    """

    def __init__(
        self,
        *,
        url: str,
        model: str,
        api_key: str = "",
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._host = host_of(url, "URL")
        self._url = url
        self._model = model
        self._transport = transport
        # Unpacked answers could be of any size: they are asked for, and taken, unpacked only.
        self._headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if checked_key(api_key):
            self._headers["authorization"] = f"Bearer {api_key}"

    @property
    def name(self) -> str:
        """The model's name as the endpoint knows it."""
        return self._model

    async def score(
        self, query: str, documents: Sequence[str], *, deadline: float
    ) -> tuple[Scores, Usage]:
        """One score a document, in the order given; None where the answer has no usable one."""
        if not documents:
            return (), Usage()
        wish, texts = _sound(query), [_sound(text) for text in documents]
        asked = {"model": self._model, "query": wish, "documents": texts, "top_n": len(texts)}
        raw = await self._answer(json.dumps(asked, ensure_ascii=False).encode(), deadline)
        try:
            answer = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"{self._host} did not send JSON ({type(error).__name__})") from None
        return self._scores(answer, len(texts)), _usage(answer, wish, texts)

    async def _answer(self, content: bytes, deadline: float) -> bytes:
        """The body of a successful answer, with everything that may go wrong translated."""
        import httpx2

        broken = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, ValueError)
        try:
            async with asyncio.timeout(deadline) as limit:
                return await self._posted(content)
        except broken as error:
            if limit.expired():
                raise DeadlineExceeded(f"{self._host} did not finish in the time given") from None
            why = type(error).__name__
            raise ModelUnavailable(f"the connection to {self._host} failed ({why})") from None

    async def _posted(self, content: bytes) -> bytes:
        import httpx2

        async with (
            httpx2.AsyncClient(transport=self._transport, verify=trust(), timeout=None) as client,
            client.stream("POST", self._url, content=content, headers=self._headers) as response,
        ):
            packed = response.headers.get("content-encoding", "identity") != "identity"
            if not response.is_success:
                words = b""
                with suppress(httpx2.HTTPError):  # the status alone says enough
                    words = b"" if packed else await _read(response, MAX_ERROR)
                raise named(
                    response.status_code,
                    response.headers,
                    words.decode("utf-8", "replace"),
                    self._host,
                )
            if packed:
                raise BadAnswer(f"{self._host} packed its answer, which was not asked for")
            raw = await _read(response, MAX_BODY)
        if len(raw) > MAX_BODY:
            raise BadAnswer(f"{self._host} answered with more than {MAX_BODY} bytes")
        return raw

    def _scores(self, answer: Any, count: int) -> Scores:
        """The score of each document. Raises BadAnswer when the answer has none at all.

        An entry that is wrong in itself is passed over, and a document that is named twice has no
        score. A number that is no document's is another matter: whoever counts from 1 gives every
        score to a wrong document, so nothing of that answer is taken.
        """
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list) or answer.get("error"):
            raise BadAnswer(f"{self._host} answered without a list of results")
        scores: dict[int, float | None] = {}
        for entry in results:
            place = entry.get("index") if isinstance(entry, dict) else None
            if not isinstance(place, int) or isinstance(place, bool):
                continue
            if not 0 <= place < count:
                raise BadAnswer(f"{self._host} scored a document that is not among the {count}")
            scores[place] = None if place in scores else _score(entry)
        if all(score is None for score in scores.values()):
            raise BadAnswer(f"{self._host} answered without any usable score")
        return tuple(scores.get(place) for place in range(count))


async def _read(response: httpx2.Response, limit: int) -> bytes:
    """The body, which is not packed; a little more than ``limit`` bytes where it is longer."""
    raw = bytearray()
    async for part in response.aiter_bytes():
        raw += part
        if len(raw) > limit:
            break
    return bytes(raw)


def _score(entry: dict[str, Any]) -> float | None:
    value = entry.get("relevance_score", entry.get("score"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _usage(answer: dict[str, Any], query: str, documents: Sequence[str]) -> Usage:
    """Tokens as reported, or estimated: a cross-encoder reads the query with every document."""
    reported = answer.get("usage")
    total = reported.get("total_tokens") if isinstance(reported, dict) else None
    if is_count(total):
        return Usage(prompt_tokens=total)
    read = len(documents) * len(tokens.encode(query)) + sum(
        len(tokens.encode(text)) for text in documents
    )
    return Usage(prompt_tokens=read, estimated=True)


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, over which a strict server refuses them all."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
