"""Recall: which items of the catalogue are worth scoring for a query.

Each source proposes its best eligible items on its own; the union goes on. Semantic recall asks the
vector store, lexical recall the BM25 index, collaborative recall the scorer (or, for somebody
unknown, popularity). An item is traced back to the sources that proposed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from retrieval.directions import unit
from retrieval.embeddings import Encoder
from retrieval.index import Index
from retrieval.lists import ItemList
from retrieval.request import damped, embed
from retrieval.taste import Person, centres_of, proposals, scores
from retrieval.top import top
from retrieval.types import ItemId, Query, Toward

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LIKED_NOW = 3.0  # an item liked in this conversation weighs like a purchase
DISLIKED_NOW = -2.0
TOUCHED_NOW = 1.0  # an item that only came up weighs like a click


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The proposals of all sources.

    ``rows`` are distinct catalogue rows; ``best`` (len(rows),) is the best place of each in any
    source that was asked about this request (0 is first; popularity does not count). The vectors
    are None when the query has no text or no liked items; ``said_vector`` is None when nothing was
    said, ``touched_vector`` when no item came up, ``lexical`` without any words. ``personal`` are
    the scores of taste, (n_items,) each, empty when no scorer knows any of the liked items;
    ``person`` is whose they are, ``centres`` (c, dim) where their interests lie. ``towards`` are
    the soft attributes wanted, each with its direction (dim,) and the vectors of its base (b, dim).
    """

    rows: NDArray[np.intp]
    best: NDArray[np.intp]
    text_vector: Floats | None
    said_vector: Floats | None
    touched_vector: Floats | None
    like_vector: Floats | None
    lexical: Floats | None
    person: Person
    centres: Floats
    personal: Mapping[str, Floats]
    counts: Mapping[str, int]
    towards: tuple[tuple[Toward, Floats, Floats], ...] = ()

    @property
    def asked(self) -> bool:
        """Whether anything but taste was asked with."""
        vectors = (self.text_vector, self.said_vector, self.like_vector, self.touched_vector)
        words = self.lexical is not None or bool(self.towards)
        return words or any(v is not None for v in vectors)


def recall(
    index: Index,
    encoder: Encoder,
    query: Query,
    eligible: Mask,
    n: int,
    lists: Sequence[ItemList] = (),
    towards: Sequence[tuple[Toward, Floats, Floats]] = (),
) -> Recalled:
    """Up to ``n`` eligible items from each source, the ``lists`` among them.

    ``towards`` are the query's soft attributes with their directions and bases.

    Nothing eligible gives no rows. While anything is eligible, popularity proposes it, so the
    result is never empty for want of words or history.
    """
    text_vector = encoder.encode([query.text])[0] if query.text else None
    said_vector = embed(query.said, encoder) if query.said else None
    touched_vector = _mean(index, query.touched)
    like_vector = _like_vector(index, query)
    sought = {
        "semantic": text_vector,
        "said": said_vector,
        "touched": touched_vector,
        "similar": like_vector,
        **{f"toward {w.text}": _beyond(w, along, base) for w, along, base in towards},
    }
    asked_for = {name: vector for name, vector in sought.items() if vector is not None}
    near = _search(index, list(asked_for.values()), n, eligible)
    found: dict[str, Sequence[int]] = dict(zip(asked_for, near, strict=True))
    lexical = None
    looked_up = damped(f"{query.text} {query.words}")
    if looked_up:
        lexical = index.lexical.scores(looked_up)
        found["lexical"] = [r for r in top(lexical, eligible, n).tolist() if lexical[r] > 0]
    person = person_of(query, index)
    centres = centres_of(person, index.vectors)
    personal = scores(index.collaborative, person)
    search = None if query.text or query.like else partial(_search, index)
    found |= proposals(index.collaborative, person, personal, centres, eligible, search)
    asked = len(found)
    named = [index.row[i] for i in sorted(query.named) if i in index.row]
    found["named"] = [r for r in named if eligible[r]]
    found["popular"] = top(index.collaborative.popularity, eligible, n).tolist()
    for listed in lists:
        held = (index.row[i] for i in listed.ids if i in index.row)
        found[listed.label] = [r for r in held if eligible[r]][:n]
    rows, best = _united(list(found.values()), asked, n)
    return Recalled(
        rows=rows,
        best=best,
        text_vector=text_vector,
        said_vector=said_vector,
        touched_vector=touched_vector,
        like_vector=like_vector,
        lexical=lexical,
        person=person,
        centres=centres,
        personal=personal,
        counts={name: len(rows) for name, rows in found.items()},
        towards=tuple(towards),
    )


def _united(
    sources: Sequence[Sequence[int]], asked: int, n: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The distinct rows of all sources, in the order they first come, and the best place of each in
    the first ``asked`` of them; ``n`` where it is in none."""
    every = np.concatenate([np.array(rows, dtype=np.intp) for rows in sources])
    places = np.concatenate(
        [np.arange(len(r)) if s < asked else np.full(len(r), n) for s, r in enumerate(sources)]
    )
    rows, first, which = np.unique(every, return_index=True, return_inverse=True)
    best = np.full(len(rows), n, dtype=np.intp)
    np.minimum.at(best, which, places)
    order = np.argsort(first)
    return rows[order], best[order]


def person_of(query: Query, index: Index) -> Person:
    """The long-term profile with this request's likes and dislikes laid over it, as far as the
    index knows the items."""
    weights = dict.fromkeys(query.touched, TOUCHED_NOW)
    weights.update(query.profile.weights)
    weights.update(dict.fromkeys(query.like, LIKED_NOW))
    weights.update(dict.fromkeys(query.unlike, DISLIKED_NOW))
    recent = {**query.profile.recent, **dict.fromkeys(query.like, 1.0)}
    return Person(
        weights={i: w for i, w in weights.items() if i in index.row},
        recent={i: w for i, w in recent.items() if i in index.row and i not in query.unlike},
    )


def _search(
    index: Index, vectors: Sequence[Floats] | Floats, n: int, eligible: Mask
) -> list[list[int]]:
    return [hits.rows.tolist() for hits in index.store.search_each(vectors, n, eligible)]


def _beyond(wish: Toward, along: Floats, base: Floats) -> Floats:
    """Where to look for what lies the wanted way from the base: half a step along it."""
    if not wish.text or not len(base):
        return np.asarray(wish.sign * along, dtype=np.float32)
    return unit(base.mean(axis=0) + 0.5 * wish.sign * along)


def _mean(index: Index, ids: Sequence[ItemId]) -> Floats | None:
    """The direction of the mean of some items, None for none that the index holds."""
    held = [i for i in ids if i in index.row]
    if not held:
        return None
    mean = index.vectors(held).mean(axis=0)
    norm = float(np.linalg.norm(mean))
    return np.asarray(mean / norm, dtype=np.float32) if norm > 0 else None


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
