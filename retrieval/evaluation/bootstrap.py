"""How sure a ratio of two means is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

ROUNDS = 5_000
BLOCK = 4_000_000
"""Numbers drawn at a time."""


def ratio(ours: NDArray[np.floating], theirs: NDArray[np.floating]) -> float:
    """The mean of one over the mean of the other; NaN where the other's is 0 or nobody is there."""
    if len(theirs) == 0 or float(np.mean(theirs)) == 0.0:
        return float("nan")
    return float(np.mean(ours) / np.mean(theirs))


def ratio_interval(
    ours: NDArray[np.floating],
    theirs: NDArray[np.floating],
    *,
    seed: int,
    rounds: int = ROUNDS,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile interval of :func:`ratio` when users are drawn again with replacement.

    Paired: both figures of a drawn user are drawn (Efron and Tibshirani, *An Introduction to the
    Bootstrap*, 1993; for rankings Sakai, SIGIR 2006). Expanded for few users, whose percentiles
    alone are too narrow (Hesterberg, "What teachers should know about the bootstrap", The American
    Statistician 2015). ``ours`` and ``theirs`` are (n,), one figure a user, in the same order. The
    same seed gives the same interval. Rounds in which the other side finds nothing are left out;
    (NaN, NaN) when none remains. ValueError when the lengths differ.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"a paired comparison needs one figure each: {len(ours)}, {len(theirs)}")
    n = len(ours)
    if n == 0:
        return float("nan"), float("nan")
    pair = np.stack([ours, theirs], axis=1).astype(np.float64)
    rng = np.random.default_rng(seed)
    per_block = max(1, BLOCK // n)
    sums = []
    for start in range(0, rounds, per_block):
        drawn = rng.integers(0, n, size=(min(per_block, rounds - start), n))
        sums.append(pair[drawn].sum(axis=1))
    both = np.concatenate(sums)
    ratios = both[both[:, 1] > 0]
    if len(ratios) == 0:
        return float("nan"), float("nan")
    tail = _expanded((1.0 - level) / 2, n)
    low, high = np.quantile(ratios[:, 0] / ratios[:, 1], [tail, 1.0 - tail])
    return float(low), float(high)


def _expanded(tail: float, n: int) -> float:
    """The share to leave out at either end so that it is ``tail`` for a mean of ``n`` figures."""
    if n < 2:
        return 0.0
    return float(norm.cdf(np.sqrt(n / (n - 1)) * t.ppf(tail, n - 1)))
