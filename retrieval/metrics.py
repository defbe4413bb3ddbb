"""Measures of one ranking against what was relevant. Average them over cases for a system's figure.

``ranked`` holds ids, the best first, without repeats; ``relevant`` is the set of right answers,
or, for :func:`ndcg`, may map each to a gain above 0. A case with no right answer measures nothing:
leave it out (ValueError here). ``k`` is at least 1, and a ranking shorter than ``k`` is read as it
is.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence


def ndcg(
    ranked: Sequence[Hashable], relevant: Collection[Hashable] | Mapping[Hashable, float], k: int
) -> float:
    """Normalised discounted cumulative gain of the first ``k``, in [0, 1].

    A right answer at place ``p`` (from 1) gains ``gain / log2(p + 1)``; the sum is divided by that
    of the best possible order, which holds ``min(k, right answers)`` of them. Gains are linear, as
    trec_eval has them; 1 without a mapping. (Järvelin and Kekäläinen, TOIS 2002.)
    """
    top = _top(ranked, relevant, k)
    gains: dict[Hashable, float] = (
        dict(relevant) if isinstance(relevant, Mapping) else dict.fromkeys(relevant, 1.0)
    )
    if min(gains.values()) <= 0:
        raise ValueError("a relevant item has a gain above 0: leave out those that are not")
    found = sum(gains.get(item, 0.0) / math.log2(p + 2) for p, item in enumerate(top))
    best = sorted(gains.values(), reverse=True)[:k]
    return found / sum(gain / math.log2(p + 2) for p, gain in enumerate(best))


def recall(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The share of the right answers that are among the first ``k``, in [0, 1]."""
    right = set(relevant)
    return sum(item in right for item in _top(ranked, relevant, k)) / len(right)


def hit(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """1 when any right answer is among the first ``k``, else 0; its mean is the hit rate."""
    return float(not set(relevant).isdisjoint(_top(ranked, relevant, k)))


def reciprocal_rank(
    ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int | None = None
) -> float:
    """1 over the place of the first right answer, 0 where there is none among the first ``k``.

    ``None`` looks at the whole ranking. Its mean is the MRR (Voorhees, TREC-8, 1999).
    """
    right = set(relevant)
    for place, item in enumerate(_top(ranked, relevant, len(ranked) or 1 if k is None else k), 1):
        if item in right:
            return 1.0 / place
    return 0.0


def _top(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> Sequence[Hashable]:
    if k < 1:
        raise ValueError(f"a measure looks at one place or more, got k={k}")
    if not relevant:
        raise ValueError("nothing is relevant, so there is nothing to measure: leave the case out")
    top = ranked[:k]
    if len(set(top)) < len(top):
        raise ValueError("the ranking repeats an item")
    return top
