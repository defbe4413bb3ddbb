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


def precision(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The share of the first ``k`` places that hold a right answer, in [0, 1].

    A ranking shorter than ``k`` has nothing at its missing places.
    """
    right = set(relevant)
    return sum(item in right for item in _top(ranked, relevant, k)) / k


def f1(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The harmonic mean of :func:`precision` and :func:`recall`, in [0, 1]; 0 where both are.

    (van Rijsbergen, Information Retrieval, 1979.)
    """
    right = set(relevant)
    found = sum(item in right for item in _top(ranked, relevant, k))
    return 2.0 * found / (k + len(right))


def average_precision(ranked: Sequence[Hashable], relevant: Collection[Hashable], k: int) -> float:
    """The mean over all right answers of the precision at the place of each, in [0, 1].

    A right answer that is not among the first ``k`` counts 0, as in trec_eval's ``map_cut``, so 1
    is out of reach where there are more than ``k``. Its mean over cases is MAP.
    """
    right = set(relevant)
    found, total = 0, 0.0
    for place, item in enumerate(_top(ranked, relevant, k), start=1):
        if item in right:
            found += 1
            total += found / place
    return total / len(right)


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
