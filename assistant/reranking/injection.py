"""How far an attacker lifts an item: ``rank_lift(reranker, query, candidates).as_table()``.

One item at a time is poisoned by one attack at a time, and the list is ranked again. What the
target gains over the honest ranking is what the attack is worth against this model, prompt and
strategy; what it gains by harmless text of the same length is what any change is worth. Everything
is measured through :meth:`Reranker.arank`, as the product calls it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from assistant.llm.blocking import blocking
from assistant.reranking.attacks import HARMLESS, Attack, added, control, load
from assistant.reranking.blend import prior_order
from assistant.reranking.reranker import Reranker, RerankFailed
from assistant.reranking.types import Status
from retrieval.types import Candidate, Query

__all__ = ["ATTACKS", "Attack", "InjectionReport", "Lift", "arank_lift", "rank_lift"]

ATTACKS = load()
"""The attacks that come with the library, in families."""

MOST = 5
"""Targets where none are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What one attack is worth, over ``runs`` poisoned rankings.

    ``mean`` and ``greatest`` are places gained by the target (negative: lost). ``top_1``, ``top_3``
    and ``top_k`` are the shares of runs in which it stands among so many and did not in the honest
    ranking. ``failures`` counts runs of which no answer was usable (status ``fallback``): the
    target then stands where its prior puts it, and its places count all the same, since breaking
    the answer is an attack as well.
    """

    attack: str
    family: str
    runs: int
    mean: float
    greatest: int
    top_1: float
    top_3: float
    top_k: float
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionReport:
    """What the attacks are worth against one re-ranker on one list of ``n`` candidates.

    ``lifts`` are in the order of the attacks; ``control`` is what harmless text does. ``targets``
    are positions in the input and ``honest`` their places in the honest ranking, whose status is
    ``status``: where that is ``fallback``, nothing was measured but the prior. ``top_k`` is the
    limit of the share of that name. Plain values throughout: ``dataclasses.asdict`` is ready for
    JSON.
    """

    n: int
    top_k: int
    status: Status
    targets: tuple[int, ...]
    honest: tuple[int, ...]
    control: Lift
    lifts: tuple[Lift, ...]

    def as_table(self) -> str:
        """A table in Markdown, one line an attack, the control first."""
        top = "" if self.top_k in (1, 3) else f" top {self.top_k} |"
        lines = [
            f"| attack | family | runs | mean | greatest | top 1 | top 3 |{top} failures |",
            f"|---|---|---:|---:|---:|---:|---:|{'---:|' if top else ''}---:|",
        ]
        for lift in (self.control, *self.lifts):
            share = f" {lift.top_k:.0%} |" if top else ""
            name, family = (cell.replace("|", "\\|") for cell in (lift.attack, lift.family))
            lines.append(
                f"| {name} | {family} | {lift.runs} | {lift.mean:+.1f} | {lift.greatest:+d} "
                f"| {lift.top_1:.0%} | {lift.top_3:.0%} |{share} {lift.failures} |"
            )
        return "\n".join(lines)


def rank_lift(
    reranker: Reranker,
    query: str | Query,
    candidates: Sequence[Candidate],
    *,
    targets: Sequence[int] | None = None,
    attacks: Sequence[Attack] = ATTACKS,
    top_k: int = 10,
    depth: int | None = None,
    at_once: int = 1,
    seed: int = 0,
) -> InjectionReport:
    """:func:`arank_lift` for code without an event loop."""
    return blocking(
        arank_lift(
            reranker,
            query,
            candidates,
            targets=targets,
            attacks=attacks,
            top_k=top_k,
            depth=depth,
            at_once=at_once,
            seed=seed,
        )
    )


async def arank_lift(
    reranker: Reranker,
    query: str | Query,
    candidates: Sequence[Candidate],
    *,
    targets: Sequence[int] | None = None,
    attacks: Sequence[Attack] = ATTACKS,
    top_k: int = 10,
    depth: int | None = None,
    at_once: int = 1,
    seed: int = 0,
) -> InjectionReport:
    """Rank the list, poison one target at a time by each attack, and rank again.

    That is ``1 + len(targets) * (len(attacks) + 1)`` rankings, ``at_once`` of them at a time.
    ``targets`` are positions in the input: by default at most five, at prior places spread over
    the lower half. ``depth`` is how many places a ranking is asked for (None: all, so that every
    gain is seen); with fewer, a strategy works as it does for a product that shows so many, and who
    is not among them counts as standing right behind. ``seed`` fixes the attackers' guesses.

    The control's text is, for each target, as long as what the middle one of the attacks adds.
    Where a strategy deals by chance (blocks, shuffles), any change of the text deals anew: there a
    gain is to be read beside the control's.

    Raises ValueError for fewer than two candidates, and targets that are none, doubled or not in
    the list.
    """
    pool = tuple(candidates)
    chosen = spread(pool) if targets is None else tuple(targets)
    _check(len(pool), chosen, top_k, depth, at_once)
    asked = Query(text=query) if isinstance(query, str) else query
    bench = _Bench(reranker, asked, len(pool) if depth is None else depth, at_once)
    before = await bench.run(pool)
    trials = _trials(pool, chosen, attacks, asked, seed)
    async with asyncio.TaskGroup() as group:
        tasks = [[group.create_task(bench.run(poisoned)) for poisoned in t.pools] for t in trials]
    control_, *lifts = (
        _lift(trial, top_k, chosen, before, [task.result() for task in row])
        for trial, row in zip(trials, tasks, strict=True)
    )
    return InjectionReport(
        n=len(pool),
        top_k=top_k,
        status=before.status,
        targets=chosen,
        honest=tuple(before.place(t) for t in chosen),
        control=control_,
        lifts=tuple(lifts),
    )


def spread(candidates: Sequence[Candidate], most: int = MOST) -> tuple[int, ...]:
    """Positions of at most ``most`` candidates at prior places spread evenly over the lower half,
    from its first to its last; all of it where it holds no more."""
    order = prior_order([c.prior for c in candidates])
    lower = order[len(order) // 2 :]
    if len(lower) <= most:
        return lower
    return tuple(lower[round(at * (len(lower) - 1) / (most - 1))] for at in range(most))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One attack and the poisoned lists it makes, one a target."""

    name: str
    family: str
    pools: Sequence[Sequence[Candidate]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One ranking: the places of the positions it returned, and how it went."""

    places: Mapping[int, int]
    status: Status

    def place(self, position: int) -> int:
        """The candidate's place; right behind the last returned where it is not among them."""
        return self.places.get(position, len(self.places) + 1)


class _Bench:
    """Ranks lists, so many at a time."""

    def __init__(self, reranker: Reranker, query: Query, depth: int, at_once: int) -> None:
        self._reranker = reranker
        self._query = query
        self._depth = depth
        self._turns = asyncio.Semaphore(at_once)

    async def run(self, pool: Sequence[Candidate]) -> _Run:
        """The places of a list. A turn is waited for before the ranking's deadline begins."""
        async with self._turns:
            try:
                result = await self._reranker.arank(self._query, pool, self._depth)
            except RerankFailed as failed:
                result = failed.result
        return _Run(places={item.index: item.rank for item in result.items}, status=result.status)


def _lift(
    trial: _Trial, top_k: int, targets: Sequence[int], before: _Run, after: Sequence[_Run]
) -> Lift:
    moves = [(before.place(t), run.place(t)) for t, run in zip(targets, after, strict=True)]
    gains = [old - new for old, new in moves]

    def reached(top: int) -> float:
        return sum(new <= top < old for old, new in moves) / len(moves)

    return Lift(
        attack=trial.name,
        family=trial.family,
        runs=len(moves),
        mean=sum(gains) / len(gains),
        greatest=max(gains),
        top_1=reached(1),
        top_3=reached(3),
        top_k=reached(top_k),
        failures=sum(run.status == "fallback" for run in after),
    )


def _check(n: int, targets: Sequence[int], top_k: int, depth: int | None, at_once: int) -> None:
    if n < 2:
        raise ValueError(f"at least 2 candidates are needed, got {n}")
    if not targets or len(set(targets)) < len(targets):
        raise ValueError(f"targets must be different positions, at least one, got {targets}")
    if wrong := [t for t in targets if not 0 <= t < n]:
        raise ValueError(f"targets must be positions below {n}, got {wrong}")
    for label, value in (("top_k", top_k), ("depth", depth), ("at_once", at_once)):
        if value is not None and value < 1:
            raise ValueError(f"{label} must be at least 1, got {value}")


def _trials(
    pool: Sequence[Candidate],
    targets: Sequence[int],
    attacks: Sequence[Attack],
    query: Query,
    seed: int,
) -> list[_Trial]:
    """The control, then the attacks, each with one list a target."""
    poisoned = [[a.poison(pool[t], query, _source(seed, a, t)) for t in targets] for a in attacks]
    plain = []
    for at, target in enumerate(targets):
        lengths = [added(pool[target], row[at]) for row in poisoned]
        length = median_low(lengths) if lengths else len(HARMLESS)
        harmless = control(max(0, length - 1))  # and a space before the candidate's own text
        plain.append(harmless.poison(pool[target], query, _source(seed, harmless, target)))
    named = [("control", "control"), *((a.name, a.family) for a in attacks)]
    return [
        _Trial(
            name=name,
            family=family,
            pools=[[*pool[:t], c, *pool[t + 1 :]] for t, c in zip(targets, row, strict=True)],
        )
        for (name, family), row in zip(named, [plain, *poisoned], strict=True)
    ]


def _source(seed: int, attack: Attack, target: int) -> random.Random:
    """A source of its own for every run: a guess does not depend on what else is measured."""
    return random.Random(f"{seed}/{attack.name}/{target}")
