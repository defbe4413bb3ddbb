"""The best rows of a column of scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def top(scores: NDArray[np.floating], allowed: NDArray[np.bool_], n: int) -> NDArray[np.intp]:
    """Rows of the ``n`` highest scores among the allowed, best first, ties by row.

    ``scores`` and ``allowed`` are (n_items,). NaN, nothing known, comes last but is not left out.
    """
    rows = np.flatnonzero(allowed)
    if len(rows) == 0 or n < 1:
        return rows[:0]
    values = np.nan_to_num(scores[rows], nan=-np.inf, neginf=-np.inf)
    if len(rows) > n:
        keep = np.argpartition(-values, n - 1)[:n]
        rows, values = rows[keep], values[keep]
    return np.asarray(rows[np.lexsort((rows, -values))])
