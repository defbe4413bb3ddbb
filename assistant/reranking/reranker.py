"""The re-ranker: candidates in, the best of them in order out, whatever the model says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Literal, TypeAlias

from assistant.errors import ModelError
from assistant.llm.blocking import blocking
from assistant.llm.types import ChatModel, ScoreModel
from assistant.reranking.blend import Blend
from assistant.reranking.cache import RankCache
from assistant.reranking.desk import OnProgress
from assistant.reranking.ranking import Ranking, Setup
from assistant.reranking.slots import Slots
from assistant.reranking.strategies import Strategy, named
from assistant.reranking.types import Limits, Plan, RankResult
from retrieval.types import Candidate, Query

Model: TypeAlias = ChatModel | ScoreModel | Sequence[ChatModel] | None
OnFailure = Literal["prior", "raise"]


class RerankFailed(ModelError):
    """No model gave a usable answer, and a failure was to be raised. ``result`` is what would have
    been returned."""

    def __init__(self, result: RankResult) -> None:
        super().__init__("; ".join(issue.detail for issue in result.issues) or "nothing was judged")
        self.result = result


class Reranker:
    """Re-ranks candidates with a language model.

    ``model`` is any ChatModel, a sequence of them (each is asked when those before it gave nothing
    usable), a ScoreModel such as a rerank endpoint, or None: then every result is a fallback that
    says so. ``strategy`` is a name or one of :mod:`assistant.reranking.strategies`; ``auto``
    chooses by the number of candidates and the limits. ``blend`` says how the model's order and the
    prior's are put together, ``limits`` what one ranking may use, ``cache`` remembers answers.
    ``on_failure`` is ``prior`` (the order the candidates came in, marked as a fallback) or
    ``raise`` (:class:`RerankFailed`). ``repair`` allows a second call where an answer ranked
    nothing. ``seed`` makes handles reproducible, for recordings and tests; a recorder and a replay
    bring their own (``handle_seed``).

    Safe across threads and event loops: nothing but the cache and the slots is shared by rankings.
    """

    def __init__(
        self,
        model: Model = None,
        *,
        strategy: str | Strategy = "auto",
        blend: Blend | None = None,
        limits: Limits | None = None,
        cache: RankCache | None = None,
        on_failure: OnFailure = "prior",
        repair: bool = True,
        seed: int | None = None,
    ) -> None:
        if on_failure not in ("prior", "raise"):
            raise ValueError(f"on_failure is 'prior' or 'raise', got {on_failure!r}")
        models, scorer = _told_apart(model)
        limits = limits or Limits()
        self._setup = Setup(
            models=models,
            scorer=scorer,
            strategy=named(strategy),
            blend=blend or Blend(),
            limits=limits,
            cache=cache,
            slots=Slots(limits.concurrency),
            repair=repair,
            seed=getattr(models[0], "handle_seed", None) if models and seed is None else seed,
        )
        # A request is prepared when it can soon be sent: preparing all of them first, while nobody
        # answers, would only add up.
        self._gate = Slots(2 * limits.concurrency)
        self._raises = on_failure == "raise"

    @property
    def model_name(self) -> str:
        """The name of the first model; empty without one."""
        return next(iter(self._setup.names), "")

    def plan(
        self,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int = 10,
        explain: bool = False,
    ) -> Plan:
        """What :meth:`rank` will take of calls, tokens and money. Sends nothing.

        Raises ValueError for a negative ``top_k``.
        """
        return Ranking(self._setup, query, candidates, top_k, explain).plan

    def rank(
        self,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int = 10,
        explain: bool = False,
    ) -> RankResult:
        """:meth:`arank` for code without an event loop; inside a running one it blocks that loop,
        and works all the same.
        """
        return blocking(self.arank(query, candidates, top_k, explain))

    async def arank(
        self,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int = 10,
        explain: bool = False,
        *,
        on_progress: OnProgress | None = None,
    ) -> RankResult:
        """The best ``top_k`` candidates in order, with verified reasons where ``explain`` is set.

        Always ``min(top_k, n)`` items, each input at most once, whatever the model does; a failure
        of the model is in ``status`` and ``issues``. No call for fewer than two candidates or a
        ``top_k`` of 0. The input is not changed. Raises ValueError for a negative ``top_k``, and
        RerankFailed where failures are to be raised.
        """
        since = time.monotonic()
        async with AsyncExitStack() as stack:
            # Who waits longer than the deadline goes on, to be told so.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._setup.limits.deadline):
                    await stack.enter_async_context(self._gate)
            ranking = Ranking(self._setup, query, candidates, top_k, explain, since=since)
            result = await ranking.run(on_progress)
        return self._handed(result)

    async def astream(
        self,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int = 10,
        explain: bool = False,
    ) -> AsyncGenerator[RankResult]:
        """The best order so far after every answer (its status is ``partial``), and at the end what
        :meth:`arank` gives. Whoever stops reading ends the calls."""
        ranking = Ranking(self._setup, query, candidates, top_k, explain)
        news = asyncio.Event()
        task = asyncio.create_task(ranking.run(on_news=news.set))
        task.add_done_callback(lambda _: news.set())
        try:
            while not task.done():
                await news.wait()
                news.clear()
                if not task.done() and (so_far := ranking.so_far()) is not None:
                    yield so_far
            yield self._handed(task.result())
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

    def rank_many(
        self,
        requests: Sequence[tuple[str | Query, Sequence[Candidate]]],
        top_k: int = 10,
        explain: bool = False,
    ) -> tuple[RankResult, ...]:
        """:meth:`arank_many` for code without an event loop."""
        return blocking(self.arank_many(requests, top_k, explain))

    async def arank_many(
        self,
        requests: Sequence[tuple[str | Query, Sequence[Candidate]]],
        top_k: int = 10,
        explain: bool = False,
    ) -> tuple[RankResult, ...]:
        """The results of several requests, in their order, under one limit of concurrent calls;
        calls, tokens and money are limited for each request."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self.arank(query, candidates, top_k, explain))
                for query, candidates in requests
            ]
        return tuple(task.result() for task in tasks)

    def _handed(self, result: RankResult) -> RankResult:
        if self._raises and result.status == "fallback" and result.issues:
            raise RerankFailed(result)
        return result


def _told_apart(model: Model) -> tuple[tuple[ChatModel, ...], ScoreModel | None]:
    """Chat models, or the one that scores."""
    if model is None:
        return (), None
    if isinstance(model, Sequence):
        if not model:
            raise ValueError("a sequence of models must not be empty")
        return tuple(model), None
    if isinstance(model, ScoreModel):
        return (), model
    return (model,), None
