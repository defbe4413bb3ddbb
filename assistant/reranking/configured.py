"""The re-ranker that the settings ask for."""

from __future__ import annotations

from assistant.llm.types import ChatModel, ScoreModel
from assistant.reranking.reranker import Reranker
from assistant.reranking.types import Limits
from assistant.settings import Settings


def make_endpoint(settings: Settings) -> ScoreModel | None:
    """The rerank endpoint that the settings name; None where no model is wanted."""
    if settings.rerank_url is None or settings.llm == "none":
        return None
    from assistant.reranking.endpoint import RerankEndpoint

    key = settings.rerank_api_key
    return RerankEndpoint(
        url=settings.rerank_url,
        model=settings.rerank_model,
        api_key=key.get_secret_value() if key else "",
    )


def make_reranker(settings: Settings, model: ChatModel | None) -> Reranker:
    """A re-ranker for other products: it asks the endpoint, else ``model``, else nobody."""
    limits = Limits(deadline=settings.llm_rerank_seconds, prompt_tokens=settings.llm_prompt_tokens)
    return Reranker(make_endpoint(settings) or model, limits=limits)
