"""From a ranking to a slate: rules, diversity, calibration, exploration.

What a person asked for stands first (an order they named, items they named, values they asked for),
then come the rules, then what makes a slate good as a whole, and last the share of places that is
kept for items of which too little is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval import exploration
from retrieval.calibration import Miscalibration, distribution, shares
from retrieval.diversity import Caps, Nearness, Penalty, greedy
from retrieval.pool import Basis, Pool, make_pool
from retrieval.rules import wanted
from retrieval.types import Candidate, Item, ItemId, Pick, Query, Ranking, Slate, Sort

POOL = 5  # candidates for each place, from which the slate is chosen
TASTE = 5  # liked items from which their mix of facet values says something
MOST = 200  # liked items, the strongest, after which the mix hardly changes
UNKNOWN = 10  # little-known items that places are drawn for, or twice as many as there are places
NEAR = 0.5  # share of the weakest pick's relevance that an explored item has at the least
COUNT = "n_events"  # the number that says how well an item is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What relevance is weighed against; each in [0, 1], together at most 1.

    Relevance weighs what is left. Without ``calibration`` that is MMR with the trade-off
    ``1 - diversity``, without ``diversity`` it is Steck's calibrated re-ranking. The defaults are
    explained, with what they cost, in ``docs/benchmarks/diversity.md``.
    """

    diversity: float = 0.2
    calibration: float = 0.05

    def __post_init__(self) -> None:
        if min(self.diversity, self.calibration) < 0 or self.diversity + self.calibration > 1:
            raise ValueError(
                f"diversity {self.diversity} and calibration {self.calibration} must not be "
                "negative, and together at most 1"
            )


DEFAULT = Balance()


def select(
    ranking: Ranking,
    k: int,
    basis: Basis,
    *,
    now: float,
    explore: float = 0.0,
    rng: np.random.Generator | None = None,
    balance: Balance = DEFAULT,
) -> Slate:
    """The slate: at most ``k`` picks in order; empty for an empty ranking or ``k <= 0``.

    ``now`` is in Unix seconds, for rules that hold for a time. ``explore`` is the share of places,
    on average, that show a little-known item; without ``rng`` nothing is explored and the same
    ranking gives the same slate. A query that names an order gets exactly that order. What the
    query would rather avoid only fills up a slate of fewer than three.
    """
    if ranking.query.sort is not None:
        found = _sorted(ranking, k, ranking.query.sort, basis)
        return Slate(picks=tuple(_pick(c, basis.items) for c in found))
    pool = make_pool(ranking, k, basis, now)
    if k <= 0 or not pool.candidates:
        return Slate()
    choice = _Choice(pool, basis, ranking.query, balance)
    order = choice.slate(k)
    picks = [_pick(pool.candidates[i], basis.items) for i in order]
    if rng is None or explore <= 0 or ranking.query.named:  # who names one wants to see that
        return Slate(picks=tuple(picks))
    unknown = choice.unknown(order, max(2 * k, UNKNOWN), basis)
    open_ = [n for n, i in enumerate(order) if n > 0 and not (choice.pinned[i] or pool.named[i])]
    expected = min(explore * len(order), len(open_))
    odds = exploration.chances(len(open_), len(unknown), expected)
    for place in open_:
        picks[place] = _pick(pool.candidates[order[place]], basis.items, odds.keep)
    for n, index in exploration.draw(rng, len(open_), len(unknown), expected):
        candidate = pool.candidates[unknown[index]]
        picks[open_[n]] = _pick(candidate, basis.items, odds.show, explored=True)
    return Slate(picks=tuple(picks))


class _Choice:
    """The choosing of one slate from its pool; remembers what was chosen."""

    def __init__(self, pool: Pool, basis: Basis, query: Query, balance: Balance) -> None:
        self._pool = pool
        self._near = Nearness(basis.vectors(pool.ids()))
        self._caps = Caps(len(pool.candidates), pool.limits)
        self._penalties: list[tuple[float, Penalty]] = [(balance.diversity, self._near)]
        taste = _taste(query, pool, basis) if balance.calibration > 0 else None
        if taste is not None:
            self._penalties.append((balance.calibration, taste))
        self._relevance = pool.relevance * (1 - sum(weight for weight, _ in self._penalties))
        self.pinned = np.zeros(len(pool.candidates), dtype=np.bool_)

    def slate(self, k: int) -> list[int]:
        """Up to ``k`` indices in order, pins at their places after what was asked for by name."""
        pool = self._pool
        pins = [(index, place) for index, place in pool.pins if self._pin(index)]
        free = ~pool.avoid & ~self.pinned
        if not pool.limits:  # under a cap the best may be of one value, and the rest is needed
            free[max(POOL * k, 30) :] = False
        room = k - len(pins)
        found = greedy(
            self._relevance,
            room,
            self._penalties,
            permitted=free,
            caps=self._caps,
            last=pool.last,
        )
        short = min(k, 3) - len(pins) - len(found)
        again = greedy(
            self._relevance, short, self._penalties, permitted=pool.avoid, caps=self._caps
        )
        order = [*found.tolist(), *again.tolist()]
        order.sort(key=lambda i: not pool.named[i])
        start = int(pool.named[order].sum())
        for index, place in pins:
            order.insert(min(start + place, len(order)), index)
        return order

    def unknown(self, order: list[int], n: int, basis: Basis) -> list[int]:
        """Up to ``n`` little-known items that any places of the slate could show together: close
        to it in relevance, different from it and from one another, and within the caps."""
        pool = self._pool
        counts = basis.columns.numbers(COUNT)[pool.rows]
        weakest = min((float(pool.relevance[i]) for i in order if not self.pinned[i]), default=0)
        fits = exploration.uncertain(counts, counts[order]) & ~pool.last & ~pool.avoid
        fits &= (pool.relevance >= NEAR * weakest) & ~self._near.twins
        fits[order] = False
        worth = exploration.optimistic(pool.relevance, counts)
        found: list[int] = greedy(
            worth, n, [(0.0, self._near)], permitted=fits, caps=self._caps
        ).tolist()
        return found

    def _pin(self, index: int) -> bool:
        if not self._caps.open[index]:
            return False
        self.pinned[index] = True
        self._caps.add(index)
        for _, penalty in self._penalties:
            penalty.add(index)
        return True


def _taste(query: Query, pool: Pool, basis: Basis) -> Miscalibration | None:
    """What miscalibration costs; None when the request says what it wants, or taste says little."""
    asks = query.text or query.said or query.like or query.touched
    if not basis.facet or asks or basis.facet in wanted(query.where):
        return None
    liked = [(i, w) for i, w in query.profile.positive().items() if i in basis.items]
    held = [(_values(basis.items[i], basis.facet), w) for i, w in liked[:MOST]]
    held = [(values, w) for values, w in held if values]
    if len(held) < TASTE:
        return None
    mine = [_values(basis.items[i], basis.facet) for i in pool.ids()]
    table, _ = shares([*mine, *(values for values, _ in held)])
    target = distribution(table[len(mine) :], np.array([w for _, w in held]))
    return Miscalibration(table[: len(mine)], target)


def _values(item: Item, facet: str) -> tuple[str, ...]:
    held = item.fields.get(facet)
    return held if isinstance(held, tuple) else () if held is None else (str(held),)


def _sorted(ranking: Ranking, k: int, sort: Sort, basis: Basis) -> list[Candidate]:
    """The candidates by a field, those without it last and in ranked order."""
    query = ranking.query
    numbers = basis.columns.numbers(sort.field)
    sign = -1.0 if sort.descending else 1.0
    fresh = [c for c in ranking.candidates if c.id not in query.avoid]

    def key(c: Candidate) -> tuple[bool, float]:
        x = float(numbers[basis.row[ItemId(c.id)]])
        return (x != x, 0.0 if x != x else sign * x)

    # Words narrow what an order may pull up: "cheapest" alone means the whole shop.
    found = sorted(fresh[: 4 * k] if query.text else fresh, key=key)[:k]
    if len(found) < min(k, 3):
        again = [c for c in ranking.candidates if c.id in query.avoid]
        found += again[: min(k, 3) - len(found)]
    return found


def _pick(
    candidate: Candidate,
    items: Mapping[ItemId, Item],
    propensity: float = 1.0,
    *,
    explored: bool = False,
) -> Pick:
    return Pick(
        item=items[ItemId(candidate.id)],
        candidate=candidate,
        propensity=propensity,
        explored=explored,
    )
