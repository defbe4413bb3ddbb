"""What speaks for an item in one person's taste: every measure of it, side by side.

The same functions make what the blend learns from and what it is asked with, so that nothing can
differ between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative import Collaborative
from retrieval.interests import interests
from retrieval.top import top
from retrieval.types import ItemId

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

PERSONAL = ("ease", "ease_recent", "als", "als_recent", "knn_recent", "transitions")
"""Scores with a scale of their own for each person: only their order and their gaps tell."""

FEATURES = (*PERSONAL, "content", "own", "popularity", "likers", "history")
"""The columns of :func:`features`."""

PROPOSED = 100  # proposals of each scorer; there are several, and much the same is in them
SEARCHED = 2  # interests that are searched for
NEAREST = 50  # proposals of one interest

TINY = 1e-9  # a deviation below it is a rounding error of equal numbers

Search = Callable[[Floats, int, NDArray[np.bool_]], Sequence[Sequence[int]]]
"""The rows nearest to each of some unit vectors (m, dim), at most so many, among the eligible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody as the scorers see them: signed ``weights``, and what they touched last.

    Both as in :class:`retrieval.types.Profile`; empty for a stranger.
    """

    weights: Mapping[ItemId, float] = field(default_factory=lambda: MappingProxyType({}))
    recent: Mapping[ItemId, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def likes(self) -> dict[ItemId, float]:
        """What speaks for anything, with its weight."""
        return {i: w for i, w in self.weights.items() if w > 0}


def scores(collaborative: Collaborative, person: Person) -> dict[str, Floats]:
    """Every personal score of every item: name to (n_items,), NaN where nothing is known.

    The names are of :data:`PERSONAL`; one is missing where its scorer was not learned or knows
    nothing of what this person likes. EASE and ALS are asked twice, about all that is liked and
    about what was touched last; the neighbours and the transitions about the latter alone.
    """
    lately = person.recent or person.likes
    asked: dict[str, tuple[str, Mapping[ItemId, float]]] = {
        "ease": ("ease", person.weights),
        "ease_recent": ("ease", lately),
        "als": ("als", person.weights),
        "als_recent": ("als", lately),
        "knn_recent": ("knn", lately),
        "transitions": ("transitions", person.recent),
    }
    found = {}
    for name, (scorer, weights) in asked.items():
        given = collaborative.scored(scorer, weights)
        if given is not None:
            found[name] = given
    return found


def centres_of(person: Person, vectors: Callable[[Sequence[ItemId]], Floats]) -> Floats:
    """The centres of a person's interests, (c, dim), the greatest first; ``vectors`` gives those of
    items."""
    likes = person.likes
    found, _ = interests(vectors(list(likes)), np.array(list(likes.values()), dtype=np.float32))
    return found


def proposals(
    collaborative: Collaborative,
    person: Person,
    personal: Mapping[str, Floats],
    centres: Floats,
    eligible: NDArray[np.bool_],
    search: Search | None,
) -> dict[str, list[int]]:
    """Eligible rows that taste proposes, by source, the best first.

    The best of each personal score; "own", what the person touched already and may still want;
    and, where ``search`` can look for the nearest of a vector, "content": what is like their
    greatest interests, the one source that knows a new item. ``centres`` (c, dim) are
    :func:`centres_of` the person.
    """
    found = {
        name: top(column, eligible & (column > 0), PROPOSED).tolist()
        for name, column in personal.items()
    }
    rows = [collaborative.row[item] for item in person.likes]
    found["own"] = [row for row in rows if eligible[row]]
    if search is not None and len(centres):
        near = search(centres[:SEARCHED], NEAREST, eligible)
        found["content"] = list(dict.fromkeys(row for rows in near for row in rows))
    return found


def features(
    collaborative: Collaborative,
    person: Person,
    personal: Mapping[str, Floats],
    rows: Rows,
    vectors: Floats,
    centres: Floats,
) -> Floats:
    """One line a candidate and one column a measure of :data:`FEATURES`: (len(rows), 11).

    ``personal`` are :func:`scores` and ``centres`` (c, dim) :func:`centres_of` the same person,
    ``vectors`` (len(rows), dim) those of the candidates. Personal scores become z-scores among the
    candidates; "content" is the greatest cosine to one of the person's interests; "own" what the
    person already feels for the very item; "popularity" lies in [0, 1]; "likers" and "history" are
    logarithms of counts. NaN where nothing is known.
    """
    table = np.full((len(rows), len(FEATURES)), np.nan, dtype=np.float32)
    if personal:
        at = [FEATURES.index(name) for name in personal]
        table[:, at] = deviations(np.stack([c[rows] for c in personal.values()], axis=1))
    if len(centres):
        table[:, FEATURES.index("content")] = (vectors @ centres.T).max(axis=1)
    own = np.full(len(collaborative.ids), np.nan, dtype=np.float32)
    own[[collaborative.row[item] for item in person.weights]] = list(person.weights.values())
    table[:, FEATURES.index("own")] = own[rows]
    table[:, FEATURES.index("popularity")] = collaborative.popularity[rows]
    table[:, FEATURES.index("likers")] = np.log1p(collaborative.support[rows])
    table[:, FEATURES.index("history")] = np.log1p(len(person.likes))
    return table


def deviations(columns: Floats) -> Floats:
    """Columns (n,) or (n, c) with mean 0 and deviation 1 each over what is known in it; NaN stays,
    a constant becomes 0."""
    known = ~np.isnan(columns)
    count = np.maximum(known.sum(axis=0), 1)
    off = columns - np.where(known, columns, 0).sum(axis=0, dtype=np.float64) / count
    spread = np.sqrt((np.where(known, off, 0) ** 2).sum(axis=0) / count)
    return np.asarray(off / np.where(spread > TINY, spread, np.inf), dtype=np.float32)
