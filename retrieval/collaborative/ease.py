"""EASE: a linear model from what a person likes to everything else, in closed form."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.collaborative.interactions import Interactions
from retrieval.collaborative.scorer import Arrays, Floats, Rows, known, over_catalogue, positions

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

log = logging.getLogger(__name__)

KEPT = 500
"""Weights kept of each item's row, the greatest in magnitude.

On 4,000 and on 10,000 items the rest was noise: leaving it out cost no accuracy, and neither did
float16 (``docs/benchmarks/collaborative-sanity.md``).
"""

BLOCK = 1024


class Ease:
    """Embarrassingly shallow autoencoder: a person's scores are their likes times a matrix B.

    B = I - P diag(P)^-1 with P = (X'X + lambda I)^-1 minimises the squared error of predicting
    each like from the others (Steck, WWW 2019). Of each row of B the ``keep`` greatest weights are
    stored, as float16: row ``i`` holds ``values[indptr[i]:indptr[i + 1]]`` at the places
    ``indices[...]`` of ``rows``.
    """

    name: ClassVar[str] = "ease"

    def __init__(
        self,
        indptr: NDArray[np.int64],
        indices: Rows,
        values: NDArray[np.float16],
        rows: Rows,
        n_items: int,
    ) -> None:
        self._indptr = indptr
        self._indices = indices
        self._values = values
        self._rows = rows
        self._n = n_items
        self._places = positions(rows, n_items)

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
            empty = np.zeros(0)
            return cls(
                np.zeros(1, dtype=np.int64),
                empty.astype(np.int32),
                empty.astype(np.float16),
                rows,
                interactions.n_items,
            )
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

    @property
    def rows(self) -> Rows:
        """Rows that enough people like."""
        return self._rows

    def score(self, weights: Mapping[int, float]) -> Floats:
        """Scores of a person, (n_items,), about 0 where nothing speaks for or against an item.

        A like weighs as its magnitude; NaN for items it did not learn. The cost is that of the
        items judged, not of the catalogue.
        """
        at, of = known(weights, self._places)
        scores = np.zeros(len(self._rows), dtype=np.float32)
        for place, weight in zip(at.tolist(), of.tolist(), strict=True):
            part = slice(self._indptr[place], self._indptr[place + 1])
            scores[self._indices[part]] += np.float32(weight) * self._values[part]
        return over_catalogue(scores, self._rows, self._n)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``indptr``, ``indices``, ``values`` of B by row; ``rows`` (n_known,); ``size`` (1,)."""
        return {
            "indptr": self._indptr,
            "indices": self._indices,
            "values": self._values,
            "rows": self._rows,
            "size": np.array([self._n], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The scorer that :meth:`arrays` came from; B stays on disk where it is memory-mapped."""
        return cls(
            np.asarray(arrays["indptr"], dtype=np.int64),
            np.asarray(arrays["indices"], dtype=np.int32),
            np.asarray(arrays["values"], dtype=np.float16),
            np.asarray(arrays["rows"], dtype=np.int32),
            int(arrays["size"][0]),
        )


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
