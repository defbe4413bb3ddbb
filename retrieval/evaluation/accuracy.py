"""The measures of :mod:`retrieval.metrics` over many cases at once, kept case by case."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from retrieval import metrics

Floats = NDArray[np.float64]
Rankings = NDArray[np.int32]
"""Rows of items, (cases, depth), the best first; -1 fills up a shorter ranking."""

Targets = Sequence[Collection[int]]
"""For each case the rows that are right; never empty."""

CUTS = (5, 10, 20, 50)
DEPTH = max(CUTS)
HEADLINE = "ndcg@10"

MEASURES = MappingProxyType(
    {
        "ndcg": metrics.ndcg,
        "recall": metrics.recall,
        "precision": metrics.precision,
        "f1": metrics.f1,
        "map": metrics.average_precision,
        "mrr": metrics.reciprocal_rank,
        "hit": metrics.hit,
    }
)


def accuracy(rankings: Rankings, targets: Targets) -> dict[str, Floats]:
    """Every measure at every cut, by name (``ndcg@10``), each (cases,)."""
    found = {f"{name}@{k}": np.zeros(len(targets)) for name in MEASURES for k in CUTS}
    for case, (row, right) in enumerate(zip(rankings, targets, strict=True)):
        ranked = row[row >= 0].tolist()
        for name, measure in MEASURES.items():
            for k in CUTS:
                found[f"{name}@{k}"][case] = measure(ranked, right, k)
    return found


def ndcg_at_10(rankings: Rankings, targets: Targets) -> Floats:
    """The headline alone, (cases,)."""
    figures = [
        metrics.ndcg(row[row >= 0].tolist(), right, 10)
        for row, right in zip(rankings, targets, strict=True)
    ]
    return np.array(figures, dtype=np.float64)


def means(figures: Mapping[str, Floats]) -> dict[str, float]:
    """The mean over cases of each measure; 0 for no case."""
    return {name: float(x.mean()) if len(x) else 0.0 for name, x in figures.items()}


def top(scores: NDArray[np.floating], barred: Sequence[Sequence[int]]) -> Rankings:
    """The :data:`DEPTH` highest of each row of ``scores`` (cases, items), ties by item row.

    ``barred`` lists for each case the rows that may not come; an item whose score is NaN does not
    come either. Fewer allowed items than :data:`DEPTH` leave -1 at the end.
    """
    ranked = np.full((len(scores), DEPTH), -1, dtype=np.int32)
    for case, (row, out) in enumerate(zip(scores, barred, strict=True)):
        values = np.nan_to_num(row, nan=-np.inf).astype(np.float32)
        values[np.asarray(out, dtype=np.intp)] = -np.inf
        if len(values) > DEPTH:
            floor = np.partition(values, len(values) - DEPTH)[len(values) - DEPTH]
            kept = np.flatnonzero((values >= floor) & (values > -np.inf))
        else:
            kept = np.flatnonzero(values > -np.inf)
        best = kept[np.lexsort((kept, -values[kept]))][:DEPTH]
        ranked[case, : len(best)] = best
    return ranked
