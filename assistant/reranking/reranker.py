"""The re-ranker: candidates in, the best of them in order out, whatever the model says."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from typing import Literal, TypeAlias

from assistant.errors import ModelError
from assistant.llm.blocking import blocking
from assistant.llm.prices import cost
from assistant.llm.types import ChatModel, ScoreModel, Usage
from assistant.reranking import results, scoring
from assistant.reranking.blend import Blend, prior_order
from assistant.reranking.cache import RankCache
from assistant.reranking.consult import Bureau
from assistant.reranking.desk import Desk, OnProgress
from assistant.reranking.fingerprint import fingerprint
from assistant.reranking.ledger import Ledger
from assistant.reranking.paper import Job, Paper
from assistant.reranking.plan import make_plan
from assistant.reranking.slots import Slots
from assistant.reranking.strategies import Strategy, choose, named
from assistant.reranking.types import Issue, Limits, Plan, RankResult
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
        self._models, self._scorer = _told_apart(model)
        self._strategy = named(strategy)
        self._blend = blend or Blend()
        self._limits = limits or Limits()
        self._cache = cache
        self._raises = on_failure == "raise"
        self._repair = repair
        self._slots = Slots(self._limits.concurrency)
        first = self._models[0] if self._models else None
        self._seed = getattr(first, "handle_seed", None) if seed is None else seed

    @property
    def model_name(self) -> str:
        """The name of the first model; empty without one."""
        first = self._models[0] if self._models else self._scorer
        return "" if first is None else first.name

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
        return _Ranking(self, query, candidates, top_k, explain).plan

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
        result = await _Ranking(self, query, candidates, top_k, explain).run(on_progress)
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
        ranking = _Ranking(self, query, candidates, top_k, explain)
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


class _Ranking:
    """One request, from its papers to its result."""

    def __init__(
        self,
        of: Reranker,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int,
        explain: bool,
    ) -> None:
        if top_k < 0:
            raise ValueError(f"top_k must not be negative, got {top_k}")
        self.query = Query(text=query) if isinstance(query, str) else query
        pool = tuple(candidates)
        self.indices = prior_order([c.prior for c in pool])
        self.pool = tuple(pool[index] for index in self.indices)
        self.top_k = top_k
        self.explain = explain
        self._of = of
        self._desk: Desk | None = None
        self._started = time.monotonic()
        self._given = pool
        self.fingerprint = fingerprint(
            [m.name for m in of._models or (of._scorer,) if m is not None],
            (of._strategy, of._blend, of._limits, of._repair, of._seed),
            self.query,
            pool,
            top_k,
            explain,
        )
        self._paper: Paper | None = None
        self._strategy: Strategy | None = None
        self._waves: Sequence[Sequence[Job]] = ()
        self.plan = Plan(strategy="none")
        self.trouble = self._prepare()

    def _prepare(self) -> Issue | None:
        """Choose and plan; the issue says why nothing will be asked, where there is something to
        say."""
        of, n = self._of, len(self.pool)
        if not of._models and of._scorer is None:
            return Issue(code="no_model", detail="no language model is configured")
        if n < 2 or self.top_k == 0:
            return None
        limits = of._limits
        paper = Paper(self.query, self.pool, self.top_k, limits, of._seed)
        if of._scorer is not None:
            self.plan = scoring.plan(paper)
            self._paper = paper
            return None
        strategy = of._strategy or choose(paper)
        if strategy.size(paper) < 2:
            return Issue(code="budget", detail=f"no two items fit {limits.prompt_tokens} tokens")
        claims = limits.claims if self.explain else 0
        waves = strategy.waves(paper, random.Random(self.fingerprint), claims)
        tries = len(of._models) * (2 if of._repair else 1)
        self.plan = make_plan(strategy, paper, waves, tries)
        self._paper, self._strategy, self._waves = paper, strategy, waves
        if self.plan.max_calls == 0:
            return Issue(code="limit", detail="the limits allow no call")
        return None

    async def run(
        self, on_progress: OnProgress | None = None, on_news: Callable[[], None] | None = None
    ) -> RankResult:
        """The result."""
        of, cache = self._of, self._of._cache
        user = str(self.query.profile.user or "")
        if self._paper is None or self.trouble is not None:
            return self._result(None)
        if cache is not None and (held := cache.get(self.fingerprint, user)) is not None:
            found = results.from_plain(held, self._given, self.fingerprint, self.plan)
            if found is not None:
                return found
        ledger = Ledger(of._limits, calls=self.plan.max_calls, tokens=self.plan.max_tokens)
        bureau = Bureau(of._models, of._slots, ledger, repair=of._repair)
        self._desk = desk = Desk(
            self._paper,
            bureau,
            self.query,
            waves=self._waves,
            planned=self.plan.calls,
            explain=self.explain,
            model_weight=of._blend.model_weight,
            on_progress=on_progress,
            on_news=on_news,
        )
        if of._scorer is not None:
            await scoring.run(of._scorer, desk, of._slots, self.plan)
        elif self._strategy is not None:
            await self._strategy.run(desk)
        result = self._result(desk)
        if cache is not None and result.status in ("ok", "repaired"):
            cache.put(self.fingerprint, results.as_plain(result), user)
        return result

    def so_far(self) -> RankResult | None:
        """The order as it is known now; None before anything was heard."""
        if self._desk is None or not self._desk.marks:
            return None
        return self._result(self._desk, done=False)

    def _result(self, desk: Desk | None, *, done: bool = True) -> RankResult:
        limits, settings = self._of._limits, self._of._blend
        usage = Usage() if desk is None else desk.bureau.ledger.usage
        status, issues = results.verdict(len(self.pool), desk, self.plan, self.trouble, done=done)
        items = results.order(self.pool, self.indices, self.top_k, desk, settings.calibration)
        least = settings.threshold
        return RankResult(
            items=items,
            status=status,
            issues=issues,
            usage=usage,
            cost=cost(usage, limits.price),
            latency=time.monotonic() - self._started,
            plan=self.plan,
            fingerprint=self.fingerprint,
            fits=None if least is None else sum(item.score >= least for item in items),
            prompt="" if self._paper is None or desk is None else self._paper.prompt.id,
        )


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
