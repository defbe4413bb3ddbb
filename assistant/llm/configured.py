"""The language model that the settings ask for."""

from __future__ import annotations

from assistant.llm.breaker import Breaker
from assistant.llm.openai import OpenAIChat
from assistant.llm.retry import Retrying
from assistant.llm.types import ChatModel
from assistant.settings import DEFAULT_MODEL, HOSTED, Settings


def make_model(settings: Settings) -> ChatModel | None:
    """The configured model behind retries and a circuit breaker; None when none is wanted."""
    if not settings.uses_model():
        return None
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else "none"
    chat = OpenAIChat(
        base_url=settings.llm_base_url or HOSTED,
        api_key=key,
        model=settings.llm_model or DEFAULT_MODEL,
    )
    return Retrying(Breaker(chat), attempts=settings.llm_attempts)
