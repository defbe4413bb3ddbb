"""Choosing a slate that is good and not the same thing five times.

Pure and deterministic: scores (n,) and vectors (n, dim) in, indices out, ties to the lower index.
:func:`greedy` is the one way in which places are filled; what it weighs relevance against, and what
it may not choose, is handed to it as values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

DUPLICATE = 0.97
"""Cosine from which two items count as the same thing (another edition, the same text twice)."""


class Penalty(Protocol):
    """What choosing an item now would cost beside its relevance, given what was chosen before."""

    def costs(self) -> NDArray[np.float64]:
        """The cost of each item as the next one, (n,); higher is worse."""
        ...

    def add(self, chosen: int) -> None:
        """Take note of a choice."""
        ...


class Nearness:
    """The cosine to the nearest item chosen before, 0 for the first.

    Weighed ``1 - x`` against relevance weighed ``x`` it makes :func:`greedy` maximal marginal
    relevance (Carbonell and Goldstein, SIGIR 1998). Relevance should lie on [0, 1], the scale of
    the cosines; the vectors (n, dim) need not be normalised, a zero vector resembles nothing.
    ``twins`` are the near-duplicates (cosine from ``duplicate`` on) of what was chosen: they wait,
    so that one never takes the place of a different item, and no slate is shorter for it.
    ValueError for vectors that are not finite.
    """

    def __init__(self, vectors: NDArray[np.floating], duplicate: float = DUPLICATE) -> None:
        if not np.isfinite(vectors).all():
            raise ValueError("vectors must be finite")
        self._unit = _normalised(vectors)
        self._duplicate = duplicate
        self._nearest: NDArray[np.float64] | None = None
        self.twins: Mask = np.zeros(len(self._unit), dtype=np.bool_)

    def costs(self) -> NDArray[np.float64]:
        """See :class:`Penalty`; in [-1, 1]."""
        return np.zeros(len(self._unit)) if self._nearest is None else self._nearest

    def add(self, chosen: int) -> None:
        """See :class:`Penalty`."""
        cosines = self._unit @ self._unit[chosen]
        first = self._nearest is None
        self._nearest = cosines if first else np.maximum(self.costs(), cosines)
        self.twins |= cosines >= self._duplicate


class Caps:
    """At most so many of certain items: ``limits`` holds pairs of indices and how many of them.

    ``open`` says what may still be chosen, (n,).
    """

    def __init__(self, n: int, limits: Sequence[tuple[NDArray[np.integer], int]]) -> None:
        self.open: Mask = np.ones(n, dtype=np.bool_)
        self._left = [most for _, most in limits]
        self._holders: list[NDArray[np.integer]] = [rows for rows, _ in limits]
        self._of: list[list[int]] = [[] for _ in range(n)]
        for number, (rows, _) in enumerate(limits):
            for row in rows.tolist():
                self._of[row].append(number)

    def add(self, chosen: int) -> None:
        """Take note of a choice; what is full is closed."""
        for number in self._of[chosen]:
            self._left[number] -= 1
            if self._left[number] <= 0:
                self.open[self._holders[number]] = False


def greedy(
    scores: NDArray[np.floating],
    k: int,
    penalties: Sequence[tuple[float, Penalty]] = (),
    *,
    permitted: Mask | None = None,
    caps: Caps | None = None,
    last: Mask | None = None,
) -> NDArray[np.intp]:
    """Up to ``k`` distinct indices in the order they were chosen.

    Each has the greatest ``scores`` less the weighted ``penalties``, pairs of weight and penalty.
    Near-duplicates, which a :class:`Nearness` among the penalties knows, wait until nothing
    different is left, and what is in the mask ``last`` waits until nothing else is left at all.
    What is not ``permitted`` and what the ``caps`` close is not chosen. The penalties and caps are
    changed: in the end they know every choice, so that another call may go on from there. Empty for
    ``k <= 0``. ValueError for scores that are not finite.
    """
    n = len(scores)
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    free = np.ones(n, dtype=np.bool_) if permitted is None else permitted.copy()
    nobody = np.zeros(n, dtype=np.bool_)
    twins = next((p.twins for _, p in penalties if isinstance(p, Nearness)), nobody)
    chosen: list[int] = []
    while len(chosen) < k:
        pool = free if caps is None else free & caps.open
        if not pool.any():
            break
        for waiting in (nobody if last is None else last, twins):
            pool = pool & ~waiting if (pool & ~waiting).any() else pool
        worth = np.array(scores, dtype=np.float64)
        for weight, penalty in penalties:
            worth -= weight * penalty.costs()
        pick = int(np.argmax(np.where(pool, worth, -np.inf)))
        for _, penalty in penalties:
            penalty.add(pick)
        if caps is not None:
            caps.add(pick)
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
