"""One ranking at work: strategies ask here, and what comes back is kept here.

Whatever happens, :meth:`Desk.standing` is the best that is known so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.reranking import blend
from assistant.reranking.answer import RawClaim
from assistant.reranking.claims import check
from assistant.reranking.consult import Bureau
from assistant.reranking.paper import Job, Paper
from assistant.reranking.types import Issue, ScoreKind
from assistant.types import Claim
from retrieval.types import Query

OnProgress = Callable[[int, int], None]
"""Called as ``(done, total)`` while models answer: handles listed so far, handles wanted."""


class Desk:
    """The state of one ranking.

    ``paper`` holds the candidates in prior order, and positions are positions in it; ``waves`` are
    the windows that were planned. ``marks`` is what the model thought of each candidate so far: a
    strategy adds to it, or replaces it; ``finals`` are marks of those that were held against one
    another in the end. ``kind`` says what the marks are made of. ``issues`` is all
    that went wrong; ``short`` that something asked for did not come,
    ``prompt`` the id of the prompt that was used. ``made`` and ``held`` count the claims that came
    and those that were true.
    """

    def __init__(
        self,
        paper: Paper,
        bureau: Bureau,
        query: Query,
        *,
        waves: Sequence[Sequence[Job]],
        planned: int,
        explain: bool,
        model_weight: float | None,
        on_progress: OnProgress | None = None,
        on_news: Callable[[], None] | None = None,
    ) -> None:
        self.paper = paper
        self.bureau = bureau
        self.explain = explain
        self.waves = waves
        self.marks: dict[int, list[float]] = {}
        self.finals: dict[int, float] = {}
        self.kind: ScoreKind = "rank"
        self.issues: list[Issue] = []
        self.reasons: dict[int, tuple[Claim, ...]] = {}
        self.short = False
        self.prompt = ""
        self.made = 0
        self.held = 0
        self._query = query
        self._planned = planned
        self._total = sum(max(1, job.wanted) for wave in waves for job in wave)
        self._weight = model_weight
        self._progress = on_progress
        self._news = on_news
        self._heard = 0
        self._asked = 0

    async def wave(self, jobs: Sequence[Job], size: int) -> list[tuple[int, ...]]:
        """Ask about several windows at once, in lines made for windows of ``size``. Gives what was
        listed of each, positions, the best first; empty where nothing came. All that came is
        marked."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.ask(job, size)) for job in jobs]
        return [task.result() for task in tasks]

    async def ask(self, job: Job, size: int, *, mark: bool = True) -> tuple[int, ...]:
        """Ask about one window; see :meth:`wave`. Without ``mark`` the marks stay as they are."""
        listed = await self._answer(job, size)
        self.short = self.short or len(listed) < job.wanted
        if listed and mark:
            for position, value in blend.listed(job.positions, listed).items():
                self.marks.setdefault(position, []).append(value)
        self.tell()
        return listed

    async def ask_reasons(self) -> None:
        """Ask for reasons of those that stand first, where a window was planned for that after the
        ranking itself. Its order is not used: who stands first is known."""
        for job in (job for wave in self.waves for job in wave if job.claims):
            best = self.standing().order[: len(job.positions)]
            await self._answer(replace(job, positions=tuple(best)), len(best))

    def number(self) -> int:
        """The number of the next call."""
        self._asked += 1
        return self._asked

    async def _answer(self, job: Job, size: int) -> tuple[int, ...]:
        """What was listed of a window, with its reasons and all that was wrong kept."""
        number = self.number()
        window = self.paper.window(job, size, self.bureau.ledger.left)
        self.prompt = self.prompt or window.request.prompt
        seen: set[str] = set()

        def heard(named: Sequence[str]) -> None:
            new = dict.fromkeys(h for h in named if h not in seen)
            fresh = list(new)[: job.wanted - len(seen)]
            if not fresh:
                return
            seen.update(fresh)
            self._heard += len(fresh)
            if self._progress is not None:
                self._progress(min(self._heard, self._total), self._total)

        verdict = await self.bureau.ask(window, self.paper.cost(job, size).prompt, heard)
        self.note(number, verdict.issues)
        if window.claims:
            self._check(window.handles, job, verdict.order.claims, number)
        return tuple(job.positions[place] for place in verdict.order.positions)

    def order(self, positions: Sequence[int], best: int) -> None:
        """Replace the marks by an order of some candidates, of which the first ``best`` were put
        there by the model. The others share the places that are left: they stand as the prior left
        them, and its own order must not pass for agreement with it."""
        marks = blend.listed(positions, positions[:best])
        self.marks = {p: [value] for p, value in marks.items()}

    def standing(self) -> blend.Standing:
        """Where the candidates stand by what is known."""
        return blend.stand(
            self.marks,
            [c.prior for c in self.paper.candidates],
            finals=self.finals,
            n_events=self._query.profile.n_events,
            model_weight=self._weight,
        )

    def note(self, number: int, issues: Sequence[Issue]) -> None:
        """Keep the issues of a call; of several calls each is said by its number."""
        for issue in issues:
            detail = f"call {number}: {issue.detail}" if self._planned > 1 else issue.detail
            self.issues.append(Issue(code=issue.code, detail=detail))

    def tell(self) -> None:
        """Say that there is something new."""
        if self._news is not None:
            self._news()

    def _check(
        self, handles: Sequence[str], job: Job, claims: Sequence[RawClaim], number: int
    ) -> None:
        places: Mapping[str, int] = dict(zip(handles, job.positions, strict=True))
        held, dropped = check(claims, self.paper.candidates, places)
        self.made += len(claims)
        self.held += len(claims) - dropped
        told = Issue(code="unverified_claim", detail=f"{dropped} of {len(claims)} dropped")
        wrong = (told,) if dropped else ()
        self.note(number, wrong)
        for position, found in held.items():
            self.reasons[position] = tuple(dict.fromkeys((*self.reasons.get(position, ()), *found)))
