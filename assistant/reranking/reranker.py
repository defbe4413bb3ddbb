"""The re-ranker: candidates in, the best of them in order out, whatever the model says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from assistant.llm.blocking import blocking
from assistant.llm.types import ChatModel
from assistant.reranking import blend
from assistant.reranking.claims import check
from assistant.reranking.consult import OnProgress, consult
from assistant.reranking.types import Issue, Ranked, RankResult, Status
from assistant.reranking.window import Limits, build
from assistant.types import Claim
from retrieval.types import Candidate, Query

NO_REASONS: Mapping[int, tuple[Claim, ...]] = MappingProxyType({})


class Reranker:
    """Re-ranks candidates with one call to a language model over a single window.

    ``model`` is any ChatModel; None means no model, and every result is a fallback that says so.
    ``deadline`` bounds a ranking in seconds, ``max_prompt_tokens`` its prompt: the candidates share
    what the request leaves, at most ``item_tokens`` each, and those for whom nothing is left keep
    their prior order, with an issue. ``listed`` bounds how many handles the model is asked to list:
    choosing the best few of many is quicker than ordering all, and what weak models do better; by
    default it lists ``top_k``. ``model_weight`` fixes the model's share of the blend in
    [0, 1]; by default it follows the length of the person's history, and it is 1 where no candidate
    has a prior. ``claims`` bounds the reasons that ``explain`` asks for. ``repair`` allows a second
    call when the first answer ranked nothing. ``seed`` makes handles reproducible (for recordings
    and tests); a recorder and a replay bring their own (``handle_seed``). Holds no state between
    calls: safe across threads and event loops.
    """

    def __init__(
        self,
        model: ChatModel | None = None,
        *,
        deadline: float = 30.0,
        max_prompt_tokens: int = 6000,
        item_tokens: int = 90,
        model_weight: float | None = None,
        listed: int | None = None,
        claims: int = 3,
        repair: bool = True,
        seed: int | None = None,
    ) -> None:
        if model_weight is not None and not 0 <= model_weight <= 1:
            raise ValueError(f"model_weight must be in [0, 1], got {model_weight}")
        if listed is not None and listed < 1:
            raise ValueError(f"listed must be at least 1, got {listed}")
        if deadline <= 0:
            raise ValueError(f"deadline must be positive, got {deadline}")
        self._model = model
        self._limits = Limits(
            deadline=deadline,
            prompt_tokens=max_prompt_tokens,
            item_tokens=item_tokens,
            listed=listed,
            claims=claims,
        )
        self._weight = model_weight
        self._repair = repair
        self._seed = getattr(model, "handle_seed", None) if seed is None else seed

    @property
    def model_name(self) -> str:
        """The model's name; empty without a model."""
        return "" if self._model is None else self._model.name

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
        of the model is in ``status`` and ``issues``, never raised. No call for fewer than two
        candidates or a ``top_k`` of 0. The input is not changed. Raises ValueError for a negative
        ``top_k``.
        """
        if top_k < 0:
            raise ValueError(f"top_k must not be negative, got {top_k}")
        wish = Query(text=query) if isinstance(query, str) else query
        pool = tuple(candidates)
        order = blend.prior_order([c.prior for c in pool])
        sorted_pool = tuple(pool[index] for index in order)
        if self._model is None:
            issue = Issue(code="no_model", detail="no language model is configured")
            return RankResult(
                items=place(sorted_pool, order, top_k), status="fallback", issues=(issue,)
            )
        if len(pool) < 2 or top_k == 0:
            return RankResult(items=place(sorted_pool, order, top_k), status="ok")
        limits = self._limits if explain else replace(self._limits, claims=0)
        window = build(wish, sorted_pool, top_k, limits, self._seed)
        if window is None:
            issue = Issue(code="budget", detail=f"no two items fit {limits.prompt_tokens} tokens")
            return RankResult(
                items=place(sorted_pool, order, top_k), status="fallback", issues=(issue,)
            )

        verdict = await consult(self._model, window, on_progress, repair=self._repair)
        handles = {handle: number for number, handle in enumerate(window.handles)}
        quoted = verdict.order.claims if window.claims else ()
        reasons, wrong = check(quoted, sorted_pool, handles)
        issues = (*_unseen(len(window.handles), len(pool)), *verdict.issues, *wrong)
        model = verdict.order.positions
        weight = self._share(wish, pool)
        return RankResult(
            items=place(sorted_pool, order, top_k, model, weight, reasons),
            status=_status(len(model), window.wanted, issues),
            issues=issues,
            usage=verdict.usage,
            prompt=window.request.prompt,
        )

    def _share(self, query: Query, pool: Sequence[Candidate]) -> float:
        """The model's share of the blend."""
        if all(c.prior is None for c in pool):
            return 1.0
        if self._weight is not None:
            return self._weight
        return blend.model_weight(query.profile.n_events)


def place(
    candidates: Sequence[Candidate],
    indices: Sequence[int],
    top_k: int,
    model: Sequence[int] = (),
    weight: float = 0.0,
    reasons: Mapping[int, tuple[Claim, ...]] = NO_REASONS,
) -> tuple[Ranked, ...]:
    """The first ``top_k`` places. ``candidates`` come in prior order, ``indices`` are their
    positions in the input; ``model`` and ``reasons`` speak of positions in ``candidates``.
    """
    blended = blend.scores(len(candidates), model, weight)
    best = sorted(range(len(candidates)), key=lambda c: (-round(blended[c], 9), c))
    return tuple(
        Ranked(
            id=candidates[c].id,
            rank=rank,
            score=blended[c],
            reasons=reasons.get(c, ()),
            index=indices[c],
        )
        for rank, c in enumerate(best[:top_k], start=1)
    )


def _unseen(shown: int, total: int) -> tuple[Issue, ...]:
    if shown == total:
        return ()
    detail = f"{total - shown} of {total} did not fit the prompt and keep their prior order"
    return (Issue(code="window", detail=detail),)


def _status(ranked: int, wanted: int, issues: Sequence[Issue]) -> Status:
    if not ranked:
        return "fallback"
    if ranked < wanted or any(issue.code == "window" for issue in issues):
        return "partial"
    return "repaired" if issues else "ok"
