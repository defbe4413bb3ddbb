"""One request on its way: chosen, planned, asked and turned into a result."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from assistant.reranking.strategies import Strategy, choose
from assistant.reranking.types import Issue, Limits, Plan, RankResult
from retrieval.types import Candidate, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What all rankings of one re-ranker share; ``strategy`` None is to be chosen."""

    models: tuple[ChatModel, ...]
    scorer: ScoreModel | None
    strategy: Strategy | None
    blend: Blend
    limits: Limits
    cache: RankCache | None
    slots: Slots
    repair: bool
    seed: int | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the models, in the order they are asked."""
        return tuple(m.name for m in (*self.models, self.scorer) if m is not None)


class Ranking:
    """One request, from its papers to its result. ``since`` is when it was made, by the monotonic
    clock (None: now): its deadline counts from there."""

    def __init__(
        self,
        setup: Setup,
        query: str | Query,
        candidates: Sequence[Candidate],
        top_k: int,
        explain: bool,
        *,
        since: float | None = None,
    ) -> None:
        if top_k < 0:
            raise ValueError(f"top_k must not be negative, got {top_k}")
        self.query = Query(text=query) if isinstance(query, str) else query
        pool = tuple(candidates)
        self.indices = prior_order([c.prior for c in pool])
        self.pool = tuple(pool[index] for index in self.indices)
        self.top_k = top_k
        self.explain = explain
        self._setup = setup
        self._desk: Desk | None = None
        self._started = time.monotonic() if since is None else since
        self._given = pool
        self.fingerprint = fingerprint(
            setup.names,
            (setup.strategy, setup.blend, setup.limits, setup.repair, setup.seed),
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
        setup, n = self._setup, len(self.pool)
        if not setup.models and setup.scorer is None:
            return Issue(code="no_model", detail="no language model is configured")
        if n < 2 or self.top_k == 0:
            return None
        limits = setup.limits
        paper = Paper(self.query, self.pool, self.top_k, limits, setup.seed)
        if setup.scorer is not None:
            self.plan = scoring.plan(paper)
            self._paper = paper
            return None
        strategy = setup.strategy or choose(paper)
        if strategy.size(paper) < 2:
            return Issue(code="budget", detail=f"no two items fit {limits.prompt_tokens} tokens")
        claims = limits.claims if self.explain else 0
        waves = strategy.waves(paper, random.Random(self.fingerprint), claims)
        tries = len(setup.models) * (2 if setup.repair else 1)
        self.plan = make_plan(strategy, paper, waves, tries)
        self._paper, self._strategy, self._waves = paper, strategy, waves
        if self.plan.max_calls == 0:
            return Issue(code="limit", detail="the limits allow no call")
        return None

    async def run(
        self, on_progress: OnProgress | None = None, on_news: Callable[[], None] | None = None
    ) -> RankResult:
        """The result."""
        setup, cache = self._setup, self._setup.cache
        user = str(self.query.profile.user or "")
        if self._paper is None or self.trouble is not None:
            return self._result(None)
        if cache is not None and (held := cache.get(self.fingerprint, user)) is not None:
            found = results.from_plain(held, self._given, self.fingerprint, self.plan)
            if found is not None:
                return found
        ledger = Ledger(
            setup.limits,
            calls=self.plan.max_calls,
            tokens=self.plan.max_tokens,
            since=self._started,
        )
        bureau = Bureau(setup.models, setup.slots, ledger, repair=setup.repair)
        self._desk = desk = Desk(
            self._paper,
            bureau,
            self.query,
            waves=self._waves,
            planned=self.plan.calls,
            explain=self.explain,
            model_weight=setup.blend.model_weight,
            on_progress=on_progress,
            on_news=on_news,
        )
        if setup.scorer is not None:
            await scoring.run(setup.scorer, desk, setup.slots, self.plan)
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
        limits, settings = self._setup.limits, self._setup.blend
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
            prompt="" if desk is None else desk.prompt,
            claims_made=0 if desk is None else desk.made,
            claims_held=0 if desk is None else desk.held,
        )
