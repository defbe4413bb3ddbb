"""Recall: which items of the catalogue are worth scoring for a query.

Each source proposes its best eligible items on its own; the union goes on. Semantic recall asks the
vector store, lexical recall the BM25 index, collaborative recall the scorer (or, for somebody
unknown, popularity). An item is traced back to the sources that proposed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.embeddings import Encoder
from retrieval.index import Index
from retrieval.lists import ItemList
from retrieval.types import ItemId, Profile, Query

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LIKED_NOW = 3.0  # an item liked in this conversation weighs like a purchase
DISLIKED_NOW = -2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The proposals of all sources.

    ``rows`` are distinct catalogue rows; ``best`` maps a row to its best place in any source that
    was asked about this request (0 is first; popularity does not count). The vectors are None when
    the query has no text or no liked items; ``collaborative`` (n_items,) is None when the scorer
    knows none of the liked items; ``lexical`` is None without text. ``known`` counts the liked
    items that the scorer knows.
    """

    rows: NDArray[np.intp]
    best: Mapping[int, int]
    text_vector: Floats | None
    like_vector: Floats | None
    lexical: Floats | None
    collaborative: Floats | None
    known: int
    counts: Mapping[str, int]


def recall(
    index: Index,
    encoder: Encoder,
    query: Query,
    eligible: Mask,
    n: int,
    lists: Sequence[ItemList] = (),
) -> Recalled:
    """Up to ``n`` eligible items from each source, the ``lists`` among them.

    Nothing eligible gives no rows. While anything is eligible, popularity proposes it, so the
    result is never empty for want of words or history.
    """
    found: dict[str, Sequence[int]] = {}
    text_vector = like_vector = lexical = None
    if query.text:
        text_vector = encoder.encode([query.text])[0]
        found["semantic"] = _search(index, text_vector, n, eligible)
        lexical = index.lexical.scores(query.text)
        found["lexical"] = [r for r in _top(lexical, eligible, n) if lexical[r] > 0]
    like_vector = _like_vector(index, query)
    if like_vector is not None:
        found["similar"] = _search(index, like_vector, n, eligible)
    taste = taste_of(query)
    scores = index.collaborative.score(taste) if taste else None
    known = sum(1 for i, w in taste.items() if w > 0 and index.collaborative.knows(i))
    if scores is not None:
        found["collaborative"] = _top(scores, eligible, n)
    best: dict[int, int] = {}
    for rows in found.values():
        for place, row in enumerate(rows):
            best[row] = min(place, best.get(row, place))
    named = [index.row[i] for i in sorted(query.named) if i in index.row]
    found["named"] = [r for r in named if eligible[r]]
    found["popular"] = _top(index.collaborative.popularity, eligible, n)
    for listed in lists:
        held = (index.row[i] for i in listed.ids if i in index.row)
        found[listed.label] = [r for r in held if eligible[r]][:n]
    rows_of_all = list(dict.fromkeys(r for rows in found.values() for r in rows))
    return Recalled(
        rows=np.array(rows_of_all, dtype=np.intp),
        best=best,
        text_vector=text_vector,
        like_vector=like_vector,
        lexical=lexical,
        collaborative=scores,
        known=known,
        counts={name: len(rows) for name, rows in found.items()},
    )


def taste_of(query: Query) -> dict[ItemId, float]:
    """The long-term profile with this request's likes and dislikes laid over it."""
    profile: Profile = query.profile
    taste = dict(profile.weights)
    taste.update(dict.fromkeys(query.like, LIKED_NOW))
    taste.update(dict.fromkeys(query.unlike, DISLIKED_NOW))
    return taste


def _search(index: Index, vector: Floats, n: int, eligible: Mask) -> list[int]:
    found: list[int] = index.store.search(vector, n, eligible).rows.tolist()
    return found


def _like_vector(index: Index, query: Query) -> Floats | None:
    """Where the liked items of this request lie: their mean, moved away from the disliked ones."""
    liked = [i for i in query.like if i in index.row]
    if not liked:
        return None
    vector = index.vectors(liked).mean(axis=0)
    unliked = [i for i in query.unlike if i in index.row]
    if unliked:
        vector = vector - 0.3 * index.vectors(unliked).mean(axis=0)
    norm = float(np.linalg.norm(vector))
    return np.asarray(vector / norm, dtype=np.float32) if norm > 0 else None


def _top(scores: Floats, eligible: Mask, n: int) -> list[int]:
    """Rows of the ``n`` highest scores among the eligible, best first, ties by row."""
    rows = np.flatnonzero(eligible)
    if len(rows) == 0:
        return []
    values = np.nan_to_num(scores[rows], nan=-np.inf, neginf=-np.inf)
    if len(rows) > n:
        keep = np.argpartition(-values, n - 1)[:n]
        rows, values = rows[keep], values[keep]
    return [int(r) for r in rows[np.lexsort((rows, -values))]]
