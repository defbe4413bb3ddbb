"""Blending score parts of one set of candidates into one score.

Pure functions on arrays of shape (n,), higher is better. The parts of a blend come from scorers
with scales of their own (cosines, BM25, votes), so each is normalised first; a part that is the
same for everybody says nothing and becomes zeros, whatever its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]

RRF_CONSTANT = 60
"""The smoothing of reciprocal rank fusion that its authors recommend."""


def zscore(values: ArrayLike) -> Floats:
    """Mean 0 and standard deviation 1; zeros for a constant or empty part. ValueError on NaN."""
    x = _column(values)
    if len(x) == 0 or x.min() == x.max():
        return np.zeros(len(x), dtype=np.float32)
    x = _scaled(x)
    centred = x - x.mean()
    return np.asarray(centred / centred.std(), dtype=np.float32)


def minmax(values: ArrayLike) -> Floats:
    """Onto [0, 1], the best at 1; zeros for a constant or empty part. ValueError on NaN."""
    x = _column(values)
    if len(x) == 0 or x.min() == x.max():
        return np.zeros(len(x), dtype=np.float32)
    x = _scaled(x)
    return np.asarray((x - x.min()) / (x.max() - x.min()), dtype=np.float32)


def rank(values: ArrayLike) -> Floats:
    """Places onto [0, 1]: the best 1, the worst 0, equals share the mean of their places.

    Zeros for a constant or empty part. Blind to the distances between scores, so safe against
    outliers. ValueError on NaN.
    """
    x = _column(values)
    if len(x) == 0 or x.min() == x.max():
        return np.zeros(len(x), dtype=np.float32)
    _, where, counts = np.unique(x, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    places = below + (counts - 1) / 2
    return np.asarray(places[where] / (len(x) - 1), dtype=np.float32)


def fuse(parts: Mapping[str, NDArray[np.floating]], weights: Mapping[str, float]) -> Floats:
    """The weighted mean of the parts: (n,), on the scale of the parts.

    A part without a weight, or with weight 0, is left out; weights may be negative. Dividing by
    the sum of the weights' magnitudes keeps the score of one query comparable with another's that
    had fewer parts. ValueError when the parts differ in length, hold NaN, when there are none, or
    when a weight names no part.
    """
    if not parts:
        raise ValueError("nothing to fuse: give at least one score part")
    unknown = sorted(set(weights) - set(parts))
    if unknown:
        raise ValueError(f'weight for "{unknown[0]}", which is no part; parts: {sorted(parts)}')
    sizes = {len(p) for p in parts.values()}
    if len(sizes) > 1:
        raise ValueError(
            f"score parts differ in length: { ({k: len(p) for k, p in parts.items()}) }"
        )
    total = np.zeros(sizes.pop(), dtype=np.float64)
    magnitude = 0.0
    for name, part in parts.items():
        weight = weights.get(name, 0.0)
        if weight:
            total += weight * _column(part)
            magnitude += abs(weight)
    return np.asarray(total / magnitude if magnitude else total, dtype=np.float32)


def reciprocal_ranks(
    rankings: Sequence[Sequence[int]], n: int, *, constant: int = RRF_CONSTANT
) -> Floats:
    """Reciprocal rank fusion of rankings of the rows 0..n-1: (n,), the sum of 1/(constant + place).

    Places count from 1; a row that a ranking leaves out gets nothing from it, and a row that it
    repeats counts at its first place. (Cormack, Clarke, Büttcher, SIGIR 2009.) ValueError for a
    row outside 0..n-1.
    """
    scores = np.zeros(n, dtype=np.float64)
    for ranking in rankings:
        for place, row in enumerate(dict.fromkeys(ranking), start=1):
            if not 0 <= row < n:
                raise ValueError(f"a ranking names row {row}, but there are {n} rows")
            scores[row] += 1.0 / (constant + place)
    return scores.astype(np.float32)


def _column(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise ValueError(f"a score part has shape (n,), got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("a score part holds NaN or infinity: decide what an unknown score is")
    return x


def _scaled(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The part divided by its greatest magnitude, so that no difference or square overflows."""
    return np.asarray(x / np.abs(x).max())
