"""Position bias measured: does the order follow the items, or the places they are shown at?

The same candidates are ranked in several random orders. A model that reads them gives the same
ranking each time; one that is drawn to certain places gives another (Wang et al., "Large language
models are not fair evaluators", ACL 2024; Tang et al., "Found in the middle: permutation
self-consistency improves listwise ranking in large language models", NAACL 2024).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean

from assistant.llm.blocking import blocking
from assistant.reranking.reranker import Reranker, RerankFailed
from retrieval.types import Candidate, Query

__all__ = ["PositionBias", "aposition_bias", "position_bias"]

Places = tuple[int, ...]
"""The place of each item, counted from 1, in the order of the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """How far the ranking of ``n`` candidates depends on the order they come in, over ``rounds``
    different orders.

    ``failures`` counts rounds of which no answer was usable; they are left out of everything, and
    what the others do not tell is None.

    ``shift`` is by how many places an item's rank differs between two rounds, the mean of its
    absolute value over items and pairs of rounds: 0 where places are ignored. ``chance`` is what
    two unrelated rankings give, (n² - 1) / (3n) (Spearman's footrule over n: Diaconis and Graham,
    J. R. Stat. Soc. B, 1977). ``tau`` is Kendall's rank correlation between two rounds, the mean
    over pairs (M. Kendall, Biometrika, 1938): 1 for equal rankings, about 0 for unrelated ones.

    ``slope`` is that of the place given on the place shown, the mean over rounds, which is also
    their rank correlation: +1 copies the order shown, -1 reverses it, about 0 ignores it, give or
    take ``slope_error``, its standard error where places do not matter.

    A model whose answers are random, and one drawn to certain places, both have a great shift; only
    the second has a slope, if it prefers one end. What is drawn to the middle has neither slope nor
    stable ranks: there the shift alone speaks.
    """

    n: int
    rounds: int
    failures: int
    shift: float | None
    chance: float
    tau: float | None
    slope: float | None
    slope_error: float | None


def position_bias(
    reranker: Reranker,
    query: str | Query,
    candidates: Sequence[Candidate],
    *,
    rounds: int = 5,
    seed: int = 0,
) -> PositionBias:
    """:func:`aposition_bias` for code without an event loop."""
    return blocking(aposition_bias(reranker, query, candidates, rounds=rounds, seed=seed))


async def aposition_bias(
    reranker: Reranker,
    query: str | Query,
    candidates: Sequence[Candidate],
    *,
    rounds: int = 5,
    seed: int = 0,
) -> PositionBias:
    """Rank all candidates in ``rounds`` different orders, drawn from ``seed``, one after another.

    Priors are taken away, so the order that comes in is the order of a
    :class:`~assistant.reranking.strategies.Window`, and what is measured is the model. The other
    strategies display items in orders of their own (blocks are dealt, and balanced), or one by one:
    there the measure is of the whole, model and strategy, and the place shown is the place in the
    input. It then tells how far the order of arrival and the luck of the deal come through. Where a
    model is asked to list fewer than it is shown, the rest keeps the input's order, and that counts
    as bias too; so it does where not all fit one window.

    Fewer than ``rounds`` where there are not so many orders. Raises ValueError for fewer than two
    candidates or two rounds.
    """
    n = len(candidates)
    if n < 2 or rounds < 2:
        raise ValueError(f"at least 2 candidates and 2 rounds are needed, got {n} and {rounds}")
    pool = [replace(candidate, prior=None) for candidate in candidates]
    shown, given = list[Places](), list[Places]()
    orders = permutations(n, rounds, random.Random(seed))
    for order in orders:
        places = await _ranked(reranker, query, [pool[item] for item in order])
        if places is not None:
            shown.append(_inverse(order))
            given.append(tuple(places[place - 1] for place in shown[-1]))
    pairs = list(combinations(given, 2))
    slopes = [slope(x, y) for x, y in zip(shown, given, strict=True)]
    return PositionBias(
        n=n,
        rounds=len(orders),
        failures=len(orders) - len(given),
        shift=fmean(shift(a, b) for a, b in pairs) if pairs else None,
        chance=(n * n - 1) / (3 * n),
        tau=fmean(kendall(a, b) for a, b in pairs) if pairs else None,
        slope=fmean(slopes) if slopes else None,
        slope_error=1 / math.sqrt((n - 1) * len(slopes)) if slopes else None,
    )


async def _ranked(
    reranker: Reranker, query: str | Query, pool: Sequence[Candidate]
) -> Places | None:
    """The place given to each of the pool; None where no answer was usable."""
    try:
        result = await reranker.arank(query, pool, top_k=len(pool))
    except RerankFailed:
        return None
    if result.status == "fallback":
        return None
    return _inverse([item.index for item in result.items])


def permutations(n: int, count: int, rng: random.Random) -> tuple[tuple[int, ...], ...]:
    """``count`` different orders of ``n`` items, or all of them where there are not so many."""
    found: dict[tuple[int, ...], None] = {}
    most = math.factorial(n) if n < 10 else count
    while len(found) < min(count, most):
        found[tuple(rng.sample(range(n), n))] = None
    return tuple(found)


def _inverse(order: Sequence[int]) -> Places:
    """The places, from 1, of the items in that order."""
    places = [0] * len(order)
    for place, item in enumerate(order, start=1):
        places[item] = place
    return tuple(places)


def shift(a: Places, b: Places) -> float:
    """By how many places an item's rank differs, in the mean."""
    return fmean(abs(x - y) for x, y in zip(a, b, strict=True))


def kendall(a: Places, b: Places) -> float:
    """Kendall's tau of two rankings without ties, at least two places each."""
    pairs = list(combinations(zip(a, b, strict=True), 2))
    alike = sum((x - u) * (y - v) > 0 for (x, y), (u, v) in pairs)
    return (2 * alike - len(pairs)) / len(pairs)


def slope(shown: Places, given: Places) -> float:
    """The least-squares slope of the place given on the place shown."""
    middle = (len(shown) + 1) / 2
    together = sum((x - middle) * (y - middle) for x, y in zip(shown, given, strict=True))
    return together / sum((x - middle) ** 2 for x in shown)
