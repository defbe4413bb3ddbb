"""The re-ranker, a library of its own: ``Reranker(model).rank(query, candidates)``.

Loads nothing heavier than pydantic; a model's client is imported when a call is made.
"""

from __future__ import annotations

from assistant.llm.prices import Price
from assistant.reranking.blend import Blend
from assistant.reranking.cache import RankCache
from assistant.reranking.calibration import Calibration
from assistant.reranking.reranker import Reranker, RerankFailed
from assistant.reranking.types import Issue, Limits, Plan, Ranked, RankResult, Status
from retrieval.types import Candidate, Query

__all__ = [
    "Blend",
    "Calibration",
    "Candidate",
    "Issue",
    "Limits",
    "Plan",
    "Price",
    "Query",
    "RankCache",
    "RankResult",
    "Ranked",
    "RerankFailed",
    "Reranker",
    "Status",
]
