"""Any OpenAI-compatible endpoint as a ChatModel: OpenAI, Ollama, vLLM, llama.cpp and others.

The only module that speaks to a chat model over HTTP. Endpoints differ in which options they take;
an option that one refuses by name is left out and not sent to it again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar

from assistant.errors import BadAnswer, DeadlineExceeded, ModelError, ModelUnavailable
from assistant.llm.address import checked_key, host_of, trust
from assistant.llm.perloop import PerLoop
from assistant.llm.translate import named, option_refused
from assistant.llm.types import ChatRequest, Delta
from assistant.llm.wire import Reader

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")

GRACE = 0.5
"""Seconds to wait for usage figures after the answer itself is whole."""

MAX_STEPS = 8
"""How many ways of asking one call may try: all options, then one less each time."""

NOT_THE_PROTOCOL = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError)
"""What the client's decoder raises on bodies that are not JSON, not UTF-8 or of another shape."""


class OpenAIChat:
    """A chat model behind ``base_url`` (which ends in ``/v1`` as a rule).

    ``api_key`` may be empty for local servers. ``extra`` is sent with every request body as it is.
    ``headers`` gives what goes with each request beside its own headers. ``transport`` replaces the
    network, for tests. Safe across threads and event loops: each call
    opens its own connection and closes it when it ends or is left, which also stops the server.
    The client that does so is made once for each event loop, as that takes milliseconds; calls
    share nothing else, and no cookies.

    Raises :class:`assistant.errors.ModelError` only; messages name the endpoint's host and the
    status, never the key, the prompt or the server's own words.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str = "",
        extra: dict[str, object] | None = None,
        headers: Callable[[], dict[str, str]] = dict,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = checked_key(api_key)
        self._extra = dict(extra or {})
        self._headers = headers
        self._transport = transport
        self._refused: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._clients = PerLoop(self._client)
        self._host = host_of(base_url, "base URL")

    @property
    def name(self) -> str:
        """The model's name as the endpoint knows it."""
        return self._model

    async def stream(self, request: ChatRequest) -> AsyncIterator[Delta]:
        """Stream the answer; the last delta carries the finish reason and usage where reported."""
        ends = asyncio.get_running_loop().time() + request.deadline
        async with AsyncExitStack() as stack:
            reader = Reader(await self._open(self._clients.get(), request, ends), self._host)
            stack.push_async_callback(reader.close)
            while not reader.finished:
                delta = await self._within(ends, reader.next())
                if delta is None:
                    break
                if delta.answers:
                    yield delta
            else:
                await self._drain(reader)
            yield reader.last()

    async def _drain(self, reader: Reader) -> None:
        """Wait a moment for the usage that follows a whole answer; some servers never hang up."""
        ends = asyncio.get_running_loop().time() + GRACE
        with suppress(ModelError):
            while await self._within(ends, reader.next()) is not None:
                pass

    def _client(self) -> Any:
        import httpx2
        from openai import AsyncOpenAI

        from assistant.llm.capped import cap

        http = httpx2.AsyncClient(
            transport=self._transport,
            verify=trust(),
            timeout=None,
            headers={"accept-encoding": "identity"},  # packed, little could become very much
            # No connection outlives its call, so that there is none to close when the loop ends.
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            event_hooks={"response": [cap]},
        )
        return AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key or "none",
            max_retries=0,
            timeout=None,
            http_client=http,
        )

    async def _open(self, client: Any, request: ChatRequest, ends: float) -> Any:
        """The raw response of a request whose options the endpoint takes."""
        for _ in range(MAX_STEPS):
            # All of the body goes as ``extra_body``, which is sent as it is: looking through a
            # schema for names to translate takes the client longer than all the rest of a request.
            call = client.chat.completions.with_raw_response.create(
                model=self._model,
                messages=(),
                stream=True,
                extra_body=self._body(request),
                extra_headers=self._headers(),
            )
            try:
                return await self._within(ends, call)
            except _Refused as error:
                with self._lock:
                    self._refused = self._refused | {error.option}
        raise BadAnswer(f"{self._host} refuses every way of asking {self._model!r}")

    async def _within(self, ends: float, step: Awaitable[T]) -> T:
        """Await one step until the deadline, with everything it raises translated.

        The deadline is set around each step and not around the stream, because a timeout that is
        open across a ``yield`` would cancel whoever reads the stream.
        """
        import httpx2
        import openai

        from assistant.llm.capped import TooLong

        try:
            async with asyncio.timeout_at(ends):
                return await step
        except TimeoutError:
            raise DeadlineExceeded(f"{self._host} did not finish in the time given") from None
        except openai.APIStatusError as error:
            words = str(error.body)
            option = option_refused(error.status_code, error.param, words, self._refused)
            if option is not None:
                raise _Refused(option) from None
            raise named(error.status_code, error.response.headers, words, self._host) from None
        except TooLong:
            raise BadAnswer(f"{self._host} sent more than any answer takes") from None
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, TooLong):
                raise BadAnswer(f"{self._host} sent more than any answer takes") from None
            why = type(error.__cause__ or error).__name__
            raise ModelUnavailable(f"no connection to {self._host} ({why})") from None
        except openai.APIError:
            raise ModelUnavailable(f"{self._host} sent an error in its stream") from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise ModelUnavailable(
                f"the connection to {self._host} broke ({type(error).__name__})"
            ) from None
        except NOT_THE_PROTOCOL as error:
            raise BadAnswer(
                f"{self._host} does not speak the protocol ({type(error).__name__})"
            ) from None

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        """The request as the endpoint takes it, without the options it has refused before."""
        off = self._refused
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "stream": True,
        }
        limit = "max_completion_tokens" if "max_tokens" in off else "max_tokens"
        body[limit] = request.max_tokens
        if "temperature" not in off:
            body["temperature"] = request.temperature
        if request.seed is not None and "seed" not in off:
            body["seed"] = request.seed
        if "stream_options" not in off:
            body["stream_options"] = {"include_usage": True}
        if request.top_logprobs > 0 and "logprobs" not in off:
            body |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        if request.schema is not None and "response_format" not in off:
            shape = {
                "name": request.schema_name,
                "schema": dict(request.schema),
                "strict": "strict" not in off,
            }
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return body | self._extra


class _Refused(Exception):
    """The endpoint does not take an option of the request."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option
