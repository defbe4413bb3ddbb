"""EASE: a linear model from what a person likes to everything else, in closed form."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.linear import Linear
from retrieval.collaborative.scorer import Floats, Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

log = logging.getLogger(__name__)

KEPT = 500
"""Weights kept of each item's row, the greatest in magnitude.

On 4,000 and on 10,000 items the rest was noise: leaving it out cost no accuracy, and neither did
float16 (``docs/benchmarks/collaborative-sanity.md``).
"""

BLOCK = 1024


class Ease(Linear):
    """Embarrassingly shallow autoencoder: a person's scores are their likes times a matrix B.

    B = I - P diag(P)^-1 with P = (X'X + lambda I)^-1 minimises the squared error of predicting
    each like from the others (Steck, WWW 2019). Of each row of B the ``keep`` greatest weights are
    stored, as float16.
    """

    name: ClassVar[str] = "ease"

    @classmethod
    def fit(
        cls,
        interactions: Interactions,
        *,
        regularisation: float | None = None,
        keep: int = KEPT,
    ) -> Self:
        """Learn from the likes; deterministic. Only learnable items take part.

        Takes time with the cube of their number and memory with its square (:func:`memory`).
        ``regularisation`` is lambda, by default :func:`default_regularisation`.
        """
        rows = interactions.learnable
        if len(rows) == 0:
            return cls.empty(rows, interactions.n_items)
        lam = default_regularisation(interactions) if regularisation is None else regularisation
        inverse = _inverse(_gram(interactions.csr()[:, rows], lam))
        indptr, indices, values = _rows_of_b(inverse, min(keep, len(rows)))
        log.info(
            "ease fitted: users=%d items=%d likes=%d lambda=%.1f",
            interactions.n_users,
            len(rows),
            len(interactions.values),
            lam,
        )
        return cls(indptr, indices, values, rows, interactions.n_items)

    @staticmethod
    def memory(n: int) -> int:
        """Bytes that fitting needs at its peak for that many learnable items."""
        return 4 * n * n + n * (6 * min(KEPT, n) + 40 * BLOCK)


def default_regularisation(interactions: Interactions) -> float:
    """Lambda that grows with how much is known of an item: 50 times the cube root of its likers.

    "Its" is the mean over learnable items. In units of the mean squared strength, so that the scale
    of the strengths does not matter. One rule for films, books and a shop, chosen on none of them
    alone: accuracy changes little between half and twice the best value
    (``docs/benchmarks/collaborative-sanity.md``).
    """
    likers = interactions.counts[interactions.learnable]
    typical = float(likers.mean()) if len(likers) else 1.0
    square = float(np.mean(interactions.values**2)) if len(interactions.values) else 1.0
    return float(50.0 * np.cbrt(typical) * square)


def _gram(likes: csr_matrix, lam: float) -> Floats:
    """X'X + lambda I, dense and symmetric, made in blocks so that it is the only large array."""
    n = likes.shape[1]
    gram = np.empty((n, n), dtype=np.float32)
    by_item = likes.T.tocsr()
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        (by_item[low:high] @ likes).toarray(out=gram[low:high])
    gram[np.diag_indices(n)] += np.float32(lam)
    return gram


def _inverse(gram: Floats) -> Floats:
    """The inverse of a symmetric positive definite matrix, in its place; one triangle is valid.

    Of the result only the upper triangle (row <= column) may be read.
    """
    from scipy.linalg.lapack import spotrf, spotri

    # LAPACK reads columns first: its lower triangle of the transpose is our upper one.
    factor, info = spotrf(gram.T, lower=1, overwrite_a=1)
    if info != 0:
        raise ValueError(f"the item-item matrix is not positive definite (spotrf: {info})")
    inverse, info = spotri(factor, lower=1, overwrite_c=1)
    if info != 0:
        raise ValueError(f"the item-item matrix cannot be inverted (spotri: {info})")
    return np.asarray(inverse).T


def _rows_of_b(inverse: Floats, keep: int) -> tuple[NDArray[np.int64], Rows, NDArray[np.float16]]:
    """B by row with the ``keep`` greatest magnitudes of each, from the upper triangle of P."""
    n = len(inverse)
    diagonal = inverse.diagonal().copy()
    indices = np.empty((n, keep), dtype=np.int32)
    values = np.empty((n, keep), dtype=np.float16)
    for low in range(0, n, BLOCK):
        high = min(low + BLOCK, n)
        block = np.empty((high - low, n), dtype=np.float32)
        block[:, :low] = inverse[:low, low:high].T
        square = np.triu(inverse[low:high, low:high])
        block[:, low:high] = square + np.triu(square, 1).T
        block[:, high:] = inverse[low:high, high:]
        block /= -diagonal
        block[np.arange(high - low), np.arange(low, high)] = 0.0
        if keep < n:
            top = np.sort(np.argpartition(-np.abs(block), keep, axis=1)[:, :keep], axis=1)
        else:
            top = np.broadcast_to(np.arange(n), block.shape)
        indices[low:high] = top
        values[low:high] = np.take_along_axis(block, top, axis=1)
    indptr = np.arange(n + 1, dtype=np.int64) * keep
    return indptr, indices.ravel(), values.ravel()
