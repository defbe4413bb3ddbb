"""Palate's public Python API.

The re-ranker and what goes with it need only the base install and load neither numpy nor torch;
``Assistant`` opens a workspace and needs the ``app`` extra. Names are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.door import Assistant
    from assistant.llm.openai import OpenAIChat
    from assistant.llm.types import ChatModel, ScoreModel
    from assistant.reranking import Blend, Limits, Price, RankCache, RankResult, Reranker
    from assistant.reranking.endpoint import RerankEndpoint
    from retrieval.types import Candidate, Query

_HOMES = {
    "Assistant": "assistant.door",
    "Blend": "assistant.reranking",
    "Candidate": "retrieval.types",
    "ChatModel": "assistant.llm.types",
    "Limits": "assistant.reranking",
    "OpenAIChat": "assistant.llm.openai",
    "Price": "assistant.reranking",
    "Query": "retrieval.types",
    "RankCache": "assistant.reranking",
    "RankResult": "assistant.reranking",
    "RerankEndpoint": "assistant.reranking.endpoint",
    "Reranker": "assistant.reranking",
    "ScoreModel": "assistant.llm.types",
}

__all__ = [
    "Assistant",
    "Blend",
    "Candidate",
    "ChatModel",
    "Limits",
    "OpenAIChat",
    "Price",
    "Query",
    "RankCache",
    "RankResult",
    "RerankEndpoint",
    "Reranker",
    "ScoreModel",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
