"""What the request itself says of each candidate, and what each kind of evidence is worth.

Scores come in units that mean the same for every request, deviations of a cosine or points of BM25,
and are added with fixed weights: the logarithm of the odds that an item is the wanted one, if the
kinds of evidence were independent (a log-linear model; S. Robertson and K. Sparck Jones, 1976, for
the words of a request). A vague sentence is unusually near to nothing and so decides little, a
telling one decides much; no scale is stretched to make a difference where there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.directions import progress
from retrieval.recall import Recalled
from retrieval.request import likely, unusual
from retrieval.shared import in_common
from retrieval.types import Item, ItemId, Query

Floats = NDArray[np.float32]

REFERENCE = 1_000
"""Rows of the catalogue that say what cosine is usual; more would not change a deviation."""

ASKED: Mapping[str, float] = {
    "semantic": 0.15,
    "said": 0.12,
    "lexical": 0.1,
    "similar": 0.2,
    "touched": 0.2,
    "shared": 0.1,
    "hints": 0.7,
    "toward": 0.5,
    "popularity": 0.9,
}
REMEMBERED: Mapping[str, float] = {
    "semantic": 0.15,
    "said": 0.2,
    "lexical": 0.1,
    "similar": 0.0,
    "touched": 0.0,
    "shared": 0.0,
    "hints": 0.4,
    "toward": 0.5,
    "popularity": 0.2,
}
"""What one unit of each kind of evidence is worth (a deviation of a cosine, a point of BM25, a nat
in common, a hint that holds, the way from unknown to best known), when something is asked for and
when somebody tells what they remember. ``docs/quality.md`` gives the reasons."""


def worth(query: Query) -> Mapping[str, float]:
    """The weights for a request: of somebody who remembers one thing, or who asks for some."""
    return REMEMBERED if query.words else ASKED


def evidence(
    query: Query,
    found: Recalled,
    rows: NDArray[np.intp],
    vectors: Floats,
    reference: Floats,
    columns: Columns,
    items: Mapping[ItemId, Item],
    facets: Collection[str],
) -> dict[str, Floats]:
    """What the request says of the rows: name to (len(rows),), each in its own units.

    ``vectors`` (len(rows), dim) are those of the rows, ``reference`` (m, dim) those of a sample of
    the catalogue; ``items`` are the catalogue's, ``facets`` those that say what an item is like.
    Names are of :data:`ASKED`; one is missing where the request has nothing of the kind.
    """
    asked = {
        "semantic": found.text_vector,
        "said": found.said_vector,
        "similar": found.like_vector,
        "touched": found.touched_vector,
    }
    held = {name: vector for name, vector in asked.items() if vector is not None}
    scores: dict[str, Floats] = {}
    if held:
        near = unusual(vectors, np.stack(list(held.values())), reference)
        scores = {name: near[:, n] for n, name in enumerate(held)}
    if found.lexical is not None:
        scores["lexical"] = found.lexical[rows]
    examples = [items[i] for i in (*query.like, *query.touched) if i in items]
    if examples:
        scores["shared"] = in_common(examples, facets, columns, rows)
    if query.hints:
        scores["hints"] = likely(query.hints, columns, rows)
    if found.towards:
        scores["toward"] = progress(found.towards, vectors, reference)
    return scores
