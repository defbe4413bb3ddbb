"""Item-based nearest neighbours: who likes this likes that."""

from __future__ import annotations

import logging
from typing import ClassVar, Self

import numpy as np

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.linear import Linear

log = logging.getLogger(__name__)

NEIGHBOURS = 300
"""Neighbours kept of each item. A hundred lost a tenth of the accuracy on films; more than a few
hundred share one liker out of many."""


class ItemKnn(Linear):
    """The cosine between the columns of likes, for the nearest neighbours of each item.

    (Sarwar, Karypis, Konstan and Riedl, WWW 2001; the neighbours are found by the library
    implicit.) Blunter than EASE, which explains away what several likes share, but it never gives
    an item weight that no common liker stands behind.
    """

    name: ClassVar[str] = "knn"

    @classmethod
    def fit(cls, interactions: Interactions, *, neighbours: int = NEIGHBOURS) -> Self:
        """Learn from the likes; deterministic. Only learnable items take part."""
        from implicit.nearest_neighbours import ItemItemRecommender
        from scipy.sparse import csr_matrix, diags

        rows = interactions.learnable
        if len(rows) == 0:
            return cls.empty(rows, interactions.n_items)
        likes = interactions.csr()[:, rows]
        lengths = np.sqrt(np.asarray(likes.multiply(likes).sum(axis=0)).ravel())
        model = ItemItemRecommender(K=neighbours + 1, num_threads=1)  # an item is its own nearest
        unit = csr_matrix(likes @ diags(1.0 / lengths), dtype=np.float64)
        model.fit(unit, show_progress=False)
        cosines = model.similarity.tocsr()
        cosines.setdiag(0.0)
        cosines.eliminate_zeros()
        log.info("knn fitted: items=%d neighbours=%d", len(rows), neighbours)
        return cls.of(cosines, rows, interactions.n_items, neighbours)
