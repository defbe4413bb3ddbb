"""Choosing a slate that is good and not the same thing five times.

Pure and deterministic: scores (n,) and vectors (n, dim) in, indices out, ties to the lower index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DUPLICATE = 0.97
"""Cosine from which two items count as the same thing (another edition, the same text twice)."""


def mmr(
    scores: NDArray[np.floating],
    vectors: NDArray[np.floating],
    k: int,
    trade_off: float,
    *,
    duplicate: float = DUPLICATE,
) -> NDArray[np.intp]:
    """Maximal marginal relevance: up to ``k`` distinct indices in the order they were chosen.

    Each pick has the greatest ``trade_off * score - (1 - trade_off) * (cosine to the nearest item
    chosen before)``, with no cosine for the first. ``trade_off`` lies in [0, 1]: 1 keeps the order
    of the scores, 0 looks at difference alone. The scores should lie on [0, 1], the scale of the
    cosines they are weighed against; the vectors need not be normalised, a zero vector resembles
    nothing. A near-duplicate (cosine from ``duplicate`` on) of something chosen waits until
    nothing else is left: it never takes a place from a different item, and a slate is never
    shorter for it. Pass ``duplicate=2`` to switch that off.

    Carbonell and Goldstein, SIGIR 1998. Empty for no items or ``k <= 0``. ValueError when the
    shapes disagree, a value is not finite, or ``trade_off`` lies outside [0, 1].
    """
    relevance = np.asarray(scores, dtype=np.float64)
    if relevance.ndim != 1 or vectors.ndim != 2 or len(vectors) != len(relevance):
        raise ValueError(
            f"got scores {relevance.shape} and vectors {vectors.shape}: need (n,), (n, dim)"
        )
    if not 0.0 <= trade_off <= 1.0:
        raise ValueError(f"the trade-off lies between 0 and 1, got {trade_off}")
    unit = _normalised(vectors)
    if not (np.isfinite(relevance).all() and np.isfinite(unit).all()):
        raise ValueError("scores and vectors must be finite")
    n = len(relevance)
    nearest = np.zeros(n)
    free = np.ones(n, dtype=np.bool_)
    twin = np.zeros(n, dtype=np.bool_)
    chosen: list[int] = []
    while len(chosen) < min(k, n):
        worth = trade_off * relevance - (1.0 - trade_off) * nearest
        pool = free & ~twin if (free & ~twin).any() else free
        pick = int(np.argmax(np.where(pool, worth, -np.inf)))
        cosines = unit @ unit[pick]
        nearest = cosines if not chosen else np.maximum(nearest, cosines)
        twin |= cosines >= duplicate
        free[pick] = False
        chosen.append(pick)
    return np.array(chosen, dtype=np.intp)


def spread(vectors: NDArray[np.floating]) -> float:
    """How different the items of a slate are: 1 minus the mean cosine of its pairs, in [0, 2].

    (Ziegler et al., WWW 2005, call one minus this intra-list similarity.) 0 for fewer than two.
    """
    n = len(vectors)
    if n < 2:
        return 0.0
    unit = _normalised(vectors)
    cosines = unit @ unit.T
    return float(1.0 - (cosines.sum() - np.trace(cosines)) / (n * (n - 1)))


def _normalised(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    wide = np.asarray(vectors, dtype=np.float64)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0))
