"""The two model calls of a turn, each with the rules engine as its floor.

Without a model the rules engine reads and the fused order stands, and that is no degradation.
With one, a failure of either call falls back on its own and is recorded with its reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TypeVar

from assistant.background import compute
from assistant.errors import ModelError
from assistant.llm.types import ChatModel, Usage
from assistant.reranking import RankResult, Reranker
from assistant.reranking.consult import CODES
from assistant.sessions import Conversation
from assistant.types import Claim, Degraded, Faithfulness, Reading, Status
from assistant.understanding.arbitrate import arbitrate
from assistant.understanding.context import Context
from assistant.understanding.evidence import Evidence
from assistant.understanding.model import OnProgress, read_with_model
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Candidate, Item, ItemId, Ranking

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A reading and how it came about."""

    reading: Reading
    degraded: tuple[Degraded, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranked:
    """An order, the claims that came with it (by item id, held to the candidates alone), and what
    they cost. ``faithfulness`` counts the claims the model made and those that held so far."""

    ranking: Ranking
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    degraded: tuple[Degraded, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    prompt: str = ""
    faithfulness: Faithfulness = field(default_factory=Faithfulness)


class Engines:
    """Understanding and re-ranking over one workspace, with or without a model."""

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        items: Mapping[ItemId, Item],
        model: ChatModel | None = None,
        reranker: Reranker | None = None,
        understand_seconds: float = 20.0,
        candidates: int = 12,
    ) -> None:
        self._vocabulary = vocabulary
        self._rules = RulesEngine(vocabulary)
        self._items = items
        self._model = model
        self._reranker = reranker
        self._understand_seconds = understand_seconds
        self._candidates = candidates

    @property
    def model(self) -> ChatModel | None:
        """The model that is asked; None for the rules engine alone."""
        return self._model

    @property
    def model_name(self) -> str:
        """The model's name; empty with the rules engine alone."""
        return self._model.name if self._model else ""

    def named(self, text: str) -> tuple[ItemId, ...]:
        """The items that a text names by their titles, in order, without what it says of them."""
        return self._rules.named(text)

    async def understand(
        self,
        message: str | Reading,
        conversation: Conversation,
        *,
        on_progress: OnProgress | None = None,
    ) -> Understood:
        """Read the message; a reading made by a button is taken as it is.

        ``on_progress`` is called while a model writes, with the questions it has come to and how
        many there are.
        """
        last = conversation.last
        language = last.reading.language if last else Reading().language
        if isinstance(message, Reading):
            return Understood(reading=replace(message, language=language))
        context = Context(
            slate=conversation.slate,
            recent=conversation.recent(),
            asked=last.text if last and last.asked else None,
            offered=len(last.offers) if last else 0,
            listed=len(last.listed) if last else 0,
            items=self._items,
            language=language,
        )
        rules = await compute(self._rules.read, message, context)
        if self._model is None:
            return Understood(reading=rules)
        heard = self._rules.heard(message, context)
        evidence = Evidence.beside(rules, self._vocabulary, message, heard, context.question)
        try:
            read = await read_with_model(
                self._model,
                evidence,
                context,
                deadline=self._understand_seconds,
                on_progress=on_progress,
            )
        except ModelError as error:
            log.warning("understand.degraded", extra={"reason": type(error).__name__})
            return Understood(
                reading=rules,
                degraded=(Degraded(stage="understand", reason=reason(error)),),
                model=self._model.name,
            )
        return Understood(
            reading=arbitrate(rules, read.reading, context),
            usage=read.usage,
            model=self._model.name,
            prompt=read.prompt,
        )

    async def reading(
        self, message: str | Reading, conversation: Conversation
    ) -> AsyncGenerator[Status | Understood]:
        """:meth:`understand` with Status from the start and while the model writes."""
        text = "Reading your message"
        yield Status(stage="understanding", text=text)
        async with aclosing(
            _followed(lambda tell: self.understand(message, conversation, on_progress=tell))
        ) as steps:
            async for step in steps:
                if isinstance(step, Understood):
                    yield step
                else:
                    done, total = step
                    yield Status(stage="understanding", text=text, done=done, total=total)

    async def rerank(
        self, ranking: Ranking, size: int, wishes: tuple[str, ...]
    ) -> AsyncGenerator[Status | Reranked]:
        """The model's order over the best candidates; Status while it writes, then the result.

        ``wishes`` is the whole request in short phrases, hard constraints included: the model
        judges how well each candidate serves it.
        """
        last = ranking.query.avoid | ranking.query.shown
        head = [c for c in ranking.candidates if c.id not in last]
        head = head[: max(self._candidates, size)]
        if self._reranker is None or ranking.query.sort is not None or len(head) < 2:
            yield Reranked(ranking=ranking)
            return
        yield _progress(0, min(size, len(head)))
        query = replace(ranking.query, text="; ".join(wishes))
        reranker = self._reranker
        async with aclosing(
            _followed(
                lambda tell: reranker.arank(
                    query, head, top_k=len(head), explain=True, on_progress=tell
                )
            )
        ) as steps:
            async for step in steps:
                if isinstance(step, RankResult):
                    yield _taken(ranking, head, step, self.model_name)
                else:
                    yield _progress(*step)


WHY: Mapping[str, str] = {
    "bad_answer": "its answer could not be used",
    "budget": "the request was too long for it",
    "circuit_open": "it could not be reached",
    "deadline": "it took too long",
    "model_error": "it failed",
    "overloaded": "it is overloaded",
    "refused": "it refused the request",
    "unavailable": "it could not be reached",
}
"""Failures by the codes that the re-ranker gives them, as a person is told of them."""


async def _followed(
    start: Callable[[OnProgress], Coroutine[None, None, T]],
) -> AsyncGenerator[tuple[int, int] | T]:
    """The progress of some work as it is told, then its result. Whoever stops reading ends it."""
    ticks: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()
    task = asyncio.create_task(start(lambda done, total: ticks.put_nowait((done, total))))
    task.add_done_callback(lambda _: ticks.put_nowait(None))
    try:
        while (tick := await ticks.get()) is not None:
            yield tick
        yield task.result()
    finally:
        task.cancel()


def _progress(done: int, total: int) -> Status:
    return Status(stage="ranking", text="Weighing the candidates", done=done, total=total)


def _taken(ranking: Ranking, head: list[Candidate], result: RankResult, model: str) -> Reranked:
    """The ranking in the model's order. Priors keep their scale: the n-th place keeps the n-th
    highest prior, so diversification weighs the new order as it weighed the old one."""
    by_id = {c.id: c for c in head}
    priors = sorted((c.prior or 0.0 for c in head), reverse=True)
    ordered = [
        replace(by_id[r.id], prior=p, scores={**by_id[r.id].scores, "model": r.score})
        for r, p in zip(result.items, priors, strict=True)
    ]
    rest = [c for c in ranking.candidates if c.id not in by_id]
    failed = result.status == "fallback"
    told = (WHY[issue.code] for issue in result.issues if issue.code in WHY)
    why = next(told, "no usable answer")
    return Reranked(
        ranking=replace(ranking, candidates=(*ordered, *rest)),
        claims={r.id: r.reasons for r in result.items if r.reasons},
        degraded=(Degraded(stage="rerank", reason=why),) if failed else (),
        usage=result.usage,
        model=model,
        prompt=result.prompt,
        faithfulness=Faithfulness(made=result.claims_made, held=result.claims_held),
    )


def reason(error: ModelError) -> str:
    """Why a model call failed, in words for the person; no server text, no address."""
    return next((WHY[code] for kind, code in CODES if isinstance(error, kind)), WHY["model_error"])
