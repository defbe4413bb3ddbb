"""What lists are like beside being right: whom they reach, how new, how varied, how like a taste.

Rankings are (cases, depth) item rows, the best first, -1 where a list is shorter; ``likers`` is
(items,), how many people liked each item in what was learned from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.diversity import spread
from retrieval.evaluation.accuracy import Rankings, Targets

Counts = NDArray[np.integer]
Floats = NDArray[np.floating]

HEAD = 1 / 3
"""Share of all likes that the best liked items hold together which make up the short head."""

SMOOTHING = 0.01
"""Share of a taste mixed into a list's distribution, so that no divergence is infinite."""

Facets = Sequence[Sequence[int]]
"""For each item the numbers of its facet values (genres, categories); none where unknown."""


def coverage(rankings: Rankings, items: int) -> float:
    """The share of the catalogue that is in anybody's list, in [0, 1]; 0 for no item."""
    return len(np.unique(rankings[rankings >= 0])) / items if items else 0.0


def gini(rankings: Rankings, items: int) -> float:
    """The Gini coefficient of how often each item of the catalogue is listed, in [0, 1].

    0 when all are listed equally often, near 1 when a few are in every list; 0 for no list.
    (Gini, 1912; for recommenders Fleder and Hosanagar, Management Science 2009.)
    """
    shown = np.sort(np.bincount(rankings[rankings >= 0], minlength=items))
    total = int(shown.sum())
    if total == 0:
        return 0.0
    places = np.arange(1, items + 1)
    return float(((2 * places - items - 1) * shown).sum() / (items * total))


def long_tail(likers: Counts) -> NDArray[np.bool_]:
    """Which items lie outside the short head: (items,).

    The short head is the best liked items that together hold :data:`HEAD` of the likes (Cremonesi,
    Koren and Turrin, RecSys 2010). Ties go to the lower row; without likes all are tail.
    """
    order = np.argsort(-likers, kind="stable")
    held = np.cumsum(likers[order])
    if len(held) == 0 or held[-1] == 0:
        return np.ones(len(likers), dtype=np.bool_)
    tail = np.ones(len(likers), dtype=np.bool_)
    tail[order[: int(np.searchsorted(held, HEAD * held[-1])) + 1]] = False
    return tail


def tail_recall(rankings: Rankings, targets: Targets, tail: NDArray[np.bool_], k: int) -> float:
    """Recall at ``k`` of targets in the long tail, mean over the cases that have any; else 0."""
    found = []
    for row, right in zip(rankings, targets, strict=True):
        rare = [r for r in right if tail[r]]
        if rare:
            found.append(len(set(rare).intersection(row[:k].tolist())) / len(rare))
    return float(np.mean(found)) if found else 0.0


def novelty(rankings: Rankings, likers: Counts, users: int) -> float:
    """The mean self-information of what is listed, in bits: ``-log2`` of an item's share of users.

    (Zhou et al., PNAS 2010.) One like and one user are added, so that an item nobody liked is
    the newest of all and not infinitely new. Mean over cases of the mean over places; 0 for none.
    """
    bits = -np.log2((likers + 1.0) / (users + 1.0))
    lists = [bits[row[row >= 0]].mean() for row in rankings if (row >= 0).any()]
    return float(np.mean(lists)) if lists else 0.0


def diversity(rankings: Rankings, vectors: Floats) -> float:
    """The mean intra-list diversity (:func:`retrieval.diversity.spread`) over lists of two or more.

    ``vectors`` is (items, dimensions). 0 where there is no such list.
    """
    lists = [spread(vectors[row[row >= 0]]) for row in rankings if (row >= 0).sum() >= 2]
    return float(np.mean(lists)) if lists else 0.0


def miscalibration(
    rankings: Rankings, liked: Sequence[Sequence[int]], facets: Facets, values: int
) -> float:
    """How far lists are from the mix of what their people liked: mean KL divergence, in nats.

    With p the distribution of facet values over liked items (each item spreads 1 over its values)
    and q that of the list, mixed with :data:`SMOOTHING` of p: ``sum p log(p / q)`` (Steck,
    RecSys 2018, whose weights by age and place are left at 1). 0 is perfectly calibrated.
    Cases where either side has no value are passed over; 0 for none.
    """
    found = []
    for row, before in zip(rankings, liked, strict=True):
        wanted = _mix(before, facets, values)
        given = _mix(row[row >= 0].tolist(), facets, values)
        if wanted is None or given is None:
            continue
        mixed = (1.0 - SMOOTHING) * given + SMOOTHING * wanted
        some = wanted > 0
        found.append(float((wanted[some] * np.log(wanted[some] / mixed[some])).sum()))
    return float(np.mean(found)) if found else 0.0


def numbered(
    values: Sequence[Sequence[str]],
) -> tuple[Facets, Mapping[str, int]]:
    """Facet values of items as numbers, and the number of each value, in order of appearance."""
    places: dict[str, int] = {}
    facets = [[places.setdefault(v, len(places)) for v in own] for own in values]
    return facets, places


def _mix(rows: Sequence[int], facets: Facets, values: int) -> NDArray[np.float64] | None:
    mix = np.zeros(values)
    known = 0
    for row in rows:
        own = facets[row]
        if own:
            mix[list(own)] += 1.0 / len(own)
            known += 1
    return mix / known if known else None
