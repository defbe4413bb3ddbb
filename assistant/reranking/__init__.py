"""The re-ranker, a library of its own: ``Reranker(model).rank(query, candidates)``.

Loads nothing heavier than pydantic; a model's client is imported when a call is made.
"""

from __future__ import annotations

from assistant.reranking.reranker import Reranker
from assistant.reranking.types import Issue, Ranked, RankResult, Status
from retrieval.types import Candidate, Query

__all__ = ["Candidate", "Issue", "Query", "RankResult", "Ranked", "Reranker", "Status"]
