"""Palate's public Python API.

``Reranker``, ``Candidate`` and ``Query`` need only the base install and load neither numpy nor
torch; ``Assistant`` opens a workspace and needs the ``app`` extra. Names are loaded when first
used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.door import Assistant
    from assistant.llm.types import ChatModel
    from assistant.reranking import RankResult, Reranker
    from retrieval.types import Candidate, Query

_HOMES = {
    "Assistant": "assistant.door",
    "ChatModel": "assistant.llm.types",
    "RankResult": "assistant.reranking",
    "Reranker": "assistant.reranking",
    "Candidate": "retrieval.types",
    "Query": "retrieval.types",
}

__all__ = ["Assistant", "Candidate", "ChatModel", "Query", "RankResult", "Reranker"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
