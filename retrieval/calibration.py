"""Calibrated slates: who likes seven dramas and three comedies is shown about seven and three.

Harald Steck, "Calibrated recommendations", RecSys 2018. Pure and deterministic. A *share* of an
item is how its facet's values divide it: a film of two genres is half of each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMOOTHING = 0.01
"""How much of the target is mixed into a slate's distribution, so that a value it lacks costs much
but not infinitely much (Steck's alpha)."""


def shares(
    values: Sequence[Sequence[str]], vocabulary: Sequence[str] | None = None
) -> tuple[Floats, tuple[str, ...]]:
    """Each item's values as shares, (n, values), and the vocabulary in order.

    Rows sum to 1, or to 0 for an item without values. A given ``vocabulary`` must hold every value.
    """
    words = tuple(sorted({v for own in values for v in own}) if vocabulary is None else vocabulary)
    place = {w: n for n, w in enumerate(words)}
    distinct = [set(own) for own in values]
    sizes = [len(own) for own in distinct]
    out = np.zeros((len(values), len(words)))
    rows = np.repeat(np.arange(len(values)), sizes)
    columns = [place[value] for own in distinct for value in own]
    out[rows, columns] = np.repeat(1.0 / np.maximum(sizes, 1), sizes)
    return out, words


def distribution(items: Floats, weights: NDArray[np.floating] | None = None) -> Floats:
    """The weighted mean of items' shares (n, values), (values,), summing to 1; zeros for none."""
    given = np.ones(len(items)) if weights is None else np.asarray(weights, dtype=np.float64)
    mixed = np.asarray(given @ items, dtype=np.float64)
    total = float(mixed.sum())
    return mixed / total if total > 0 else mixed


def divergence(target: Floats, found: Floats) -> float:
    """The miscalibration of a slate: KL(target || found), found smoothed, in [0, log(1 / 0.01)].

    Both (values,) and summing to 1; 0 when they are the same, and when the target is empty.
    """
    return float(_divergences(target, found[None])[0])


class Miscalibration:
    """The divergence of the slate from the target with one item more: a penalty for
    :func:`retrieval.diversity.greedy`.

    ``items`` are shares (n, values), ``target`` is a distribution (values,).
    """

    def __init__(self, items: Floats, target: Floats) -> None:
        self._items = items
        self._target = target
        self._sum = np.zeros(items.shape[1])

    def costs(self) -> Floats:
        """The divergence that the slate would have with each item, (n,)."""
        mixed = self._sum + self._items
        totals = mixed.sum(axis=1, keepdims=True)
        found = np.divide(mixed, totals, out=np.zeros_like(mixed), where=totals > 0)
        return _divergences(self._target, found)

    def add(self, chosen: int) -> None:
        """Take note of a choice."""
        self._sum = self._sum + self._items[chosen]


def _divergences(target: Floats, found: Floats) -> Floats:
    """KL(target || found) of each row, (n,)."""
    meant = target > 0
    p = target[meant]
    q = (1 - SMOOTHING) * found[:, meant] + SMOOTHING * p
    return np.asarray(p @ np.log(p) - np.log(q) @ p, dtype=np.float64)
