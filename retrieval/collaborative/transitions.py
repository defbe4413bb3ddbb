"""What people turn to next: item to item, in the order of time."""

from __future__ import annotations

import logging
from typing import ClassVar, Self

import numpy as np

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.linear import Linear

log = logging.getLogger(__name__)

WINDOW = 10
"""Steps that one item reaches ahead; the weight of a step falls with its distance."""

DAMPING = 5.0
"""Visits an item is credited with before the first: what followed it once is no habit yet."""

KEPT = 100


class Transitions(Linear):
    """How often a liked item comes soon after another: 1 / distance, over the visits of the first.

    A first-order Markov model smoothed over a window (after Rendle, Freudenthaler and
    Schmidt-Thieme, WWW 2010, without the factorisation). It steps from everything a person touched
    with interest, a click as well as a like, to what they liked. Ask it with what was touched
    last. Where a log has no times it learns nothing.
    """

    name: ClassVar[str] = "transitions"

    @classmethod
    def fit(cls, interactions: Interactions, *, window: int = WINDOW, keep: int = KEPT) -> Self:
        """Learn from the order of each user's items; deterministic."""
        from scipy.sparse import csr_matrix, diags

        rows, n = interactions.learnable, interactions.n_items
        steps = interactions.steps
        if len(rows) == 0 or len(steps.rows) == 0:
            return cls.empty(rows, n)
        place = np.full(n, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        at = place[steps.rows]
        sources, targets, weights = [], [], []
        for gap in range(1, min(window, len(at) - 1) + 1):
            same = steps.users[gap:] == steps.users[:-gap]
            used = same & steps.liked[gap:] & (at[gap:] >= 0) & (at[:-gap] >= 0)
            sources.append(at[:-gap][used])
            targets.append(at[gap:][used])
            weights.append(np.full(int(used.sum()), 1.0 / gap, dtype=np.float32))
        shape = (len(rows), len(rows))
        pair = (np.concatenate(sources), np.concatenate(targets))
        counts = csr_matrix((np.concatenate(weights), pair), shape=shape)
        visits = np.bincount(at[at >= 0], minlength=len(rows))
        rates = csr_matrix(diags(1.0 / (visits + DAMPING)) @ counts)
        log.info("transitions fitted: items=%d steps=%d", len(rows), len(at))
        return cls.of(rates, rows, n, keep)
