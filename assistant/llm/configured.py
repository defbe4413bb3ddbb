"""The language model that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.llm.breaker import Breaker
from assistant.llm.openai import OpenAIChat
from assistant.llm.retry import Retrying
from assistant.llm.types import ChatModel
from assistant.settings import DEFAULT_MODEL, HOSTED, Settings

if TYPE_CHECKING:
    from assistant.traces import Traces


def make_model(
    settings: Settings, traces: Traces | None = None, own: ChatModel | None = None
) -> ChatModel | None:
    """The configured model behind retries and a circuit breaker; None when none is wanted.

    ``own`` takes its place as it is. With ``traces`` each call is a span, of the configured model
    each attempt, which its endpoint is told of.
    """
    if own is not None:
        return own if traces is None else _traced(own, traces)
    if not settings.uses_model():
        return None
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else "none"
    url = settings.llm_base_url or HOSTED
    chat: ChatModel = OpenAIChat(
        base_url=url,
        api_key=key,
        model=settings.llm_model or DEFAULT_MODEL,
        headers=traces.headers if traces is not None else dict,
    )
    if traces is not None:
        chat = _traced(chat, traces, url)
    return Retrying(Breaker(chat), attempts=settings.llm_attempts)


def _traced(model: ChatModel, traces: Traces, url: str = "") -> ChatModel:
    from assistant.llm.traced import Traced

    if not url:
        return Traced(model, traces)
    place = urlsplit(url)
    return Traced(model, traces, provider="openai", address=place.hostname or "", port=place.port)
