"""``/v2/rerank`` in Cohere's shape and ``/v1/rerank`` in Jina's: candidates in, the best first.

Both take and give the same, so each client finds its own fields and passes over the other's. What
neither has (status, issues, reasons that were checked) stands beside them.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.api.problems import Detail, Problem
from assistant.api.service import Here, Service, Who
from assistant.background import compute
from assistant.reranking import RankResult
from assistant.reranking.door import as_fields
from retrieval.types import Candidate

router = APIRouter(tags=["re-ranking"])

MOST = 1000
Words = Annotated[str, StringConstraints(max_length=20_000)]


class Document(BaseModel):
    """A candidate with more than its text. ``prior`` is your own score; higher is better."""

    model_config = ConfigDict(allow_inf_nan=False)

    text: Words
    fields: dict[str, Any] = Field(default_factory=dict)
    prior: float | None = None


class RerankIn(BaseModel):
    """What is wanted, and what there is. Other parameters are passed over."""

    model_config = ConfigDict(allow_inf_nan=False)

    query: Annotated[str, StringConstraints(min_length=1, max_length=6000)]
    documents: list[Words | Document] = Field(min_length=1, max_length=MOST)
    model: Annotated[str, StringConstraints(max_length=100)] = "palate"
    top_n: int | None = Field(None, ge=1)
    return_documents: bool = False
    explain: bool = Field(True, description="Whether reasons are wanted, where a model is asked.")


class DocumentOut(BaseModel):
    """The text that was sent."""

    text: str


class ResultOut(BaseModel):
    """One place. ``index`` counts from 0 in what was sent; ``kind`` says what the score is."""

    index: int
    relevance_score: float
    document: DocumentOut | None = None
    kind: str
    confidence: float
    reasons: list[str]


class IssueOut(BaseModel):
    """One thing that went wrong or was put right."""

    code: str
    detail: str


class Version(BaseModel):
    """The version of the shape."""

    version: str = "2"


class Meta(BaseModel):
    """What Cohere's clients look for."""

    api_version: Version = Field(default_factory=Version)


class Spent(BaseModel):
    """Tokens of a model; 0 where none was asked."""

    prompt_tokens: int
    total_tokens: int


class RerankOut(BaseModel):
    """The best, in order. ``status`` says how much of it is a model's: ``fallback`` is none."""

    id: str
    object: Literal["list"] = "list"
    model: str
    results: list[ResultOut]
    status: str
    issues: list[IssueOut]
    usage: Spent
    meta: Meta = Field(default_factory=Meta)


@router.post("/v2/rerank", operation_id="rerank", response_model_exclude_none=True)
async def cohere(body: RerankIn, here: Here, _: Who) -> RerankOut:
    """Re-rank documents, in Cohere's shape."""
    return await _ranked(here, body)


@router.post("/v1/rerank", operation_id="rerankAsJina", response_model_exclude_none=True)
async def jina(body: RerankIn, here: Here, _: Who) -> RerankOut:
    """Re-rank documents, in Jina's shape."""
    return await _ranked(here, body)


async def _ranked(here: Service, body: RerankIn) -> RerankOut:
    texts = [d if isinstance(d, str) else d.text for d in body.documents]
    if not any(text.strip() for text in texts):
        what = "at least one document must hold words"
        raise Problem("invalid", errors=[Detail(where=["body", "documents"], what=what)])
    async with here.room.place():
        result = await rank(here, body)
    results = [
        ResultOut(
            index=item.index,
            relevance_score=round(item.score, 6),
            document=DocumentOut(text=texts[item.index]) if body.return_documents else None,
            kind=item.kind,
            confidence=round(item.confidence, 6),
            reasons=[claim.text for claim in item.reasons],
        )
        for item in result.items
    ]
    usage = result.usage
    return RerankOut(
        id=secrets.token_hex(12),
        model=here.reranker.model_name or "palate",
        results=results,
        status=result.status,
        issues=[IssueOut(code=i.code, detail=i.detail) for i in result.issues],
        usage=Spent(
            prompt_tokens=usage.prompt_tokens,
            total_tokens=usage.prompt_tokens + usage.completion_tokens,
        ),
    )


async def rank(here: Service, body: RerankIn) -> RankResult:
    """The re-ranker's result. Where nobody gave a prior it is how near a document comes to the
    query in meaning, so that the order says something without a model as well."""
    documents = [Document(text=d) if isinstance(d, str) else d for d in body.documents]
    priors = [d.prior for d in documents]
    if all(prior is None for prior in priors):
        closeness = here.assistant.parts.retriever.closeness
        near = await compute(closeness, body.query, [d.text for d in documents])
        priors = [float(x) for x in near]
    candidates = [
        Candidate(id=str(n), text=d.text, fields=as_fields(d.fields), prior=prior)
        for n, (d, prior) in enumerate(zip(documents, priors, strict=True))
    ]
    top = min(body.top_n or len(candidates), len(candidates))
    return await here.reranker.arank(body.query, candidates, top, body.explain)
