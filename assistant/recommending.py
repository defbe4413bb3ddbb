"""One request, answered without a conversation and without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.answers import wishes as wishes_of
from assistant.background import compute
from assistant.build import Parts
from assistant.engines import Reranked
from assistant.explanation.cards import Explained, Spoken, explain
from assistant.explanation.wording import REFERENCE, wording
from assistant.preferences import Preferences, to_query, update
from assistant.sessions import Conversation
from assistant.types import Card, Claim, Degraded, Faithfulness, Reading, SessionId, VisitorId
from assistant.understanding.tokens import MAX_CHARACTERS
from retrieval.exploration import generator
from retrieval.types import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The answer of :meth:`~assistant.door.Assistant.recommend`: cards, best first, what degraded,
    and how many of a model's claims held."""

    items: tuple[Card, ...]
    degraded: tuple[Degraded, ...] = ()
    faithfulness: Faithfulness = field(default_factory=Faithfulness)


async def recommend(
    parts: Parts,
    *,
    user: str | None,
    like: Sequence[ItemId],
    query: str,
    k: int,
    seed: str | int | None,
) -> Recommendation:
    """See :meth:`assistant.door.Assistant.recommend`."""
    retriever, query = parts.retriever, query[:MAX_CHARACTERS]
    reading = Reading()
    degraded: tuple[Degraded, ...] = ()
    if query:
        stranger = Conversation(session=SessionId("-"), visitor=VisitorId("-"))
        understood = await parts.engines.understand(query, stranger)
        reading, degraded = understood.reading, understood.degraded
    preferences = update(
        Preferences(likes=tuple(like)),
        reading,
        facts=parts.facts,
        slate=(),
        turn=1,
        said=query,
    )
    profile = await asyncio.to_thread(parts.taste.of, user or "")
    asked = to_query(preferences, profile)
    ranking = await compute(retriever.candidates, asked)
    claims: dict[str, tuple[Claim, ...]] = {}
    told = Faithfulness()
    wishes = wishes_of(preferences, retriever.items, parts.schema, REFERENCE)
    async for step in parts.engines.rerank(ranking, k, wishes):
        if isinstance(step, Reranked):
            ranking, claims, told = step.ranking, dict(step.claims), step.faithfulness
            degraded = (*degraded, *step.degraded)
    rng = None if seed is None else generator(seed)
    spoken = Spoken(claims=claims, true=parts.checker.holds)

    def slate() -> Explained:
        chosen = retriever.select(ranking, k, rng)
        words = wording(reading.language)
        evidence = parts.taste.evidence(chosen, preferences, asked, retriever, words)
        return explain(chosen.picks, evidence, spoken, ranking)

    explained = await compute(slate)
    return Recommendation(
        items=explained.cards,
        degraded=degraded,
        faithfulness=replace(told, held=max(0, told.held - explained.fallen)),
    )
